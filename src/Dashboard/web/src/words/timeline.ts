import type { AlertChange } from '@/api/types'

/** One line of a course of events: a change, or a run of like ones that say nothing but that it went on. */
export interface TimelineEntry {
  change: AlertChange
  /** How many changes it stands for, and when the first of them was. */
  count: number
  from: string
}

/** Newest first. New findings one after another, without a note, are one entry: a warning that holds for months stays readable. */
export function timelineOf(changes: readonly AlertChange[]): TimelineEntry[] {
  const entries: TimelineEntry[] = []
  for (const change of [...changes].sort((a, b) => b.sequence - a.sequence)) {
    const last = entries.at(-1)
    if (last && change.kind === 'updated' && last.change.kind === 'updated' && change.actor === last.change.actor && !change.note && !last.change.note) {
      last.count += 1
      last.from = change.at
    } else entries.push({ change, count: 1, from: change.at })
  }
  return entries
}
