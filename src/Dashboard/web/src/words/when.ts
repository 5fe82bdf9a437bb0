/** When a warning's subject happened: an interval for what two images show, a start for what devices measure. Never a made-up date. */
import type { Alert } from '@/api/types'
import type { Reader } from '@/format/locale'
import { date, dateTime, timeInterval } from '@/format/time'
import type { Translate } from './reasons'

export function whenWords(alert: Pick<Alert, 'notBefore' | 'startsAt' | 'lastHeldAt' | 'subject' | 'state'>, t: Translate, reader: Reader): string {
  if (alert.notBefore) {
    const end = Date.parse(alert.startsAt) > Date.parse(alert.notBefore) ? alert.startsAt : alert.lastHeldAt
    return t('card.between', { from: date(alert.notBefore, reader.timeZone), to: date(end, reader.timeZone) })
  }
  if (alert.subject.kind === 'indicator') return t('card.since', { time: alert.startsAt.slice(0, 7) })
  if (alert.state === 'resolved' || alert.lastHeldAt !== alert.startsAt) return timeInterval(alert.startsAt, alert.lastHeldAt, reader.timeZone)
  return t('card.since', { time: dateTime(alert.startsAt, reader.timeZone) })
}

/** Reasons worth a line on a card, most telling first: what the judgement says before what the pixels say. */
export function cardReasons<R extends { code: string }>(reasons: readonly R[], most: number): R[] {
  const quiet = new Set(['change-interval', 'index-change', 'parcel', 'control-line-outcome', 'seen-in-passes', 'stage', 'not-confirmed', 'planned-use', 'height-not-compared', 'occupied-farmland', 'occupied-basic-farmland'])
  // One line of each kind: five permits that expired are one thing to know at a glance.
  const kinds = reasons.filter((reason, i) => reasons.findIndex((other) => other.code === reason.code) === i)
  const loud = kinds.filter((reason) => !quiet.has(reason.code))
  return (loud.length > 0 ? loud : kinds).slice(0, most)
}
