/** What is wrong with a verification before it is sent; the server has the last word. */
import type { Outcome } from '@/api/types'

export const MOST_PHOTOS = 10
export const MOST_PHOTO_BYTES = 10 * 1024 * 1024
const MEDIA: readonly string[] = ['image/jpeg', 'image/png', 'image/webp']

export interface VerificationDraft {
  outcome?: Outcome
  person: string
  /** ISO with Z, or undefined when the field holds no time. */
  at?: string
  reason: string
  photos: readonly { name: string; size: number; type: string }[]
}

export interface Fault {
  field: 'outcome' | 'person' | 'at' | 'reason' | 'photos'
  key: 'outcome' | 'person' | 'at' | 'future' | 'reason' | 'photoNeeded' | 'tooMany' | 'tooLarge' | 'notPicture'
  name?: string
}

export function verificationFaults(draft: VerificationDraft, now: number): Fault[] {
  const faults: Fault[] = []
  if (!draft.outcome) faults.push({ field: 'outcome', key: 'outcome' })
  if (draft.person.trim().length < 1 || draft.person.trim().length > 100) faults.push({ field: 'person', key: 'person' })
  if (!draft.at) faults.push({ field: 'at', key: 'at' })
  else if (Date.parse(draft.at) > now) faults.push({ field: 'at', key: 'future' })
  if (draft.reason.trim().length < 1 || draft.reason.trim().length > 2000) faults.push({ field: 'reason', key: 'reason' })
  if (draft.photos.length > MOST_PHOTOS) faults.push({ field: 'photos', key: 'tooMany' })
  for (const photo of draft.photos) {
    if (photo.size > MOST_PHOTO_BYTES) faults.push({ field: 'photos', key: 'tooLarge', name: photo.name })
    else if (!MEDIA.includes(photo.type)) faults.push({ field: 'photos', key: 'notPicture', name: photo.name })
  }
  if (draft.outcome === 'illegal' && draft.photos.length === 0) faults.push({ field: 'photos', key: 'photoNeeded' })
  return faults
}
