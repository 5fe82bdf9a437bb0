/** What is wrong with a verification before it is sent; the server has the last word. */
import type { Outcome } from '@/api/types'

export const MOST_PHOTOS = 10
export const MOST_PHOTO_BYTES = 10 * 1024 * 1024
const MEDIA: readonly string[] = ['image/jpeg', 'image/png', 'image/webp']

/** Media type of a picture by its first bytes, whatever its name says; undefined when it is none that the server takes. */
export function pictureType(head: Uint8Array): string | undefined {
  const starts = (at: number, ...bytes: number[]): boolean => bytes.every((byte, i) => head[at + i] === byte)
  if (starts(0, 0xff, 0xd8, 0xff)) return 'image/jpeg'
  if (starts(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png'
  if (starts(0, 0x52, 0x49, 0x46, 0x46) && starts(8, 0x57, 0x45, 0x42, 0x50)) return 'image/webp'
  return undefined
}

/** Why a file cannot be one of the photos, told when it is chosen. */
export async function photoFault(file: Pick<File, 'name' | 'size' | 'slice'>): Promise<Fault | undefined> {
  if (file.size > MOST_PHOTO_BYTES) return { field: 'photos', key: 'tooLarge', name: file.name }
  if (!pictureType(new Uint8Array(await file.slice(0, 12).arrayBuffer()))) return { field: 'photos', key: 'notPicture', name: file.name }
  return undefined
}

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
