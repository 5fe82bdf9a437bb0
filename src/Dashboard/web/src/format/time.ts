import { intlTag, type Locale, type Reader } from './locale'
import { UNKNOWN } from './number'

interface Parts {
  year: string
  month: string
  day: string
  hour: string
  minute: string
  second: string
}

const partFormats = new Map<string, Intl.DateTimeFormat>()

function partsIn(instant: Date, timeZone: string): Parts {
  let format = partFormats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
    })
    partFormats.set(timeZone, format)
  }
  const found: Record<string, string> = {}
  for (const part of format.formatToParts(instant)) found[part.type] = part.value
  return {
    year: (found['year'] ?? '').padStart(4, '0'), month: found['month'] ?? '', day: found['day'] ?? '',
    hour: found['hour'] ?? '', minute: found['minute'] ?? '', second: found['second'] ?? '',
  }
}

function instantOf(iso: string | number | Date | null | undefined): Date | undefined {
  if (iso === null || iso === undefined || iso === '') return undefined
  const instant = iso instanceof Date ? iso : new Date(iso)
  return Number.isNaN(instant.getTime()) ? undefined : instant
}

const dateOnly = /^\d{4}-\d{2}-\d{2}$/

/** Day of an instant in the zone, or the day itself when a date without time is given (a calendar date has no zone). */
export function date(iso: string | number | Date | null | undefined, timeZone: string): string {
  if (typeof iso === 'string' && dateOnly.test(iso)) return iso
  const instant = instantOf(iso)
  if (!instant) return UNKNOWN
  const p = partsIn(instant, timeZone)
  return `${p.year}-${p.month}-${p.day}`
}

/** `2026-05-01 08:00` in the zone. */
export function dateTime(iso: string | number | Date | null | undefined, timeZone: string, seconds = false): string {
  const instant = instantOf(iso)
  if (!instant) return UNKNOWN
  const p = partsIn(instant, timeZone)
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}${seconds ? `:${p.second}` : ''}`
}

/** `08:00` in the zone. */
export function clock(iso: string | number | Date, timeZone: string, seconds = false): string {
  return dateTime(iso, timeZone, seconds).slice(11)
}

/** `2026-05` of a month written as a date or month. */
export function month(text: string): string {
  return text.slice(0, 7)
}

/** Two days as an interval; one day when they are the same. A change between two images is an interval, never a date. */
export function dayInterval(from: string | null | undefined, to: string | null | undefined, timeZone: string): string {
  const a = date(from, timeZone)
  const b = date(to, timeZone)
  return a === b ? a : `${a} ~ ${b}`
}

/** Two instants; the second shortened to its clock time when it is on the same day. */
export function timeInterval(from: string, to: string, timeZone: string): string {
  const a = dateTime(from, timeZone)
  const b = dateTime(to, timeZone)
  if (a === b) return a
  return a.slice(0, 10) === b.slice(0, 10) ? `${a} ~ ${b.slice(11)}` : `${a} ~ ${b}`
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600], ['month', 2_629_800], ['day', 86_400], ['hour', 3_600], ['minute', 60],
]

/** "3 minutes ago"; "just now" below a minute either way. */
export function ago(iso: string | null | undefined, now: number, locale: Locale): string {
  const instant = instantOf(iso)
  if (!instant) return UNKNOWN
  const seconds = (instant.getTime() - now) / 1000
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) {
      return new Intl.RelativeTimeFormat(intlTag(locale), { numeric: 'always' }).format(Math.trunc(seconds / size), unit)
    }
  }
  return locale === 'zh' ? '刚刚' : 'just now'
}

/** A length of time in its largest fitting unit. */
export function duration(seconds: number | null | undefined, locale: Locale): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return UNKNOWN
  const zh = locale === 'zh'
  const say = (value: number, han: string, one: string, many: string): string => {
    const rounded = Math.round(value * 10) / 10
    return zh ? `${rounded} ${han}` : `${rounded} ${rounded === 1 ? one : many}`
  }
  if (seconds < 120) return say(seconds, '秒', 'second', 'seconds')
  if (seconds < 7200) return say(seconds / 60, '分钟', 'minute', 'minutes')
  if (seconds < 172_800) return say(seconds / 3600, '小时', 'hour', 'hours')
  return say(seconds / 86_400, '天', 'day', 'days')
}

/** Value for an `<input type="datetime-local">`, in the zone. */
export function toLocalInput(instant: Date, reader: Pick<Reader, 'timeZone'>): string {
  return dateTime(instant, reader.timeZone).replace(' ', 'T')
}

/** The instant that a `datetime-local` text means in the zone, as ISO with Z; undefined when it is not a time. */
export function fromLocalInput(text: string, timeZone: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return undefined
  const wanted = Date.parse(`${text.slice(0, 16)}:00Z`)
  if (Number.isNaN(wanted)) return undefined
  // Two rounds find the offset of the zone at that wall time, also next to a change of clocks.
  let guess = wanted
  for (let round = 0; round < 2; round++) {
    const shown = Date.parse(`${dateTime(new Date(guess), timeZone).replace(' ', 'T')}:00Z`)
    guess += wanted - shown
  }
  return new Date(guess).toISOString()
}

const offsets = new Map<string, number>()

/**
 * The wall clock of an instant in the zone, written as if it were UTC: charts that draw UTC then show local hours with ticks on
 * round hours. The offset is looked up once an hour of time.
 */
export function wallTime(iso: string | number, timeZone: string): number {
  const ms = typeof iso === 'number' ? iso : Date.parse(iso)
  const hour = Math.floor(ms / 3_600_000)
  const key = `${timeZone}|${hour}`
  let offset = offsets.get(key)
  if (offset === undefined) {
    const start = hour * 3_600_000
    offset = Date.parse(`${dateTime(start, timeZone).replace(' ', 'T')}:00Z`) - start
    if (offsets.size > 20_000) offsets.clear()
    offsets.set(key, offset)
  }
  return ms + offset
}

/** `2026-05-01 08:00` of a wall time. */
export const ofWallTime = (wall: number): string => new Date(wall).toISOString().slice(0, 16).replace('T', ' ')
