/** What a warning is about, in a few words. Until a person has judged it in the field, it says 疑似. */
import type { Alert, AlertDetail, Outcome } from '@/api/types'
import { controlLineKind, termKey } from './terms'
import type { Translate } from './reasons'

export type HeadlineKey =
  | 'noApproval' | 'outsideApproval' | 'expiredApproval' | 'notGranted' | 'inRedLine' | 'redLineChange' | 'lineChanged' | 'projectUnapproved' | 'otherUse' | 'moreSize' | 'inFarmland' | 'outsideBoundary' | 'reviewApproval' | 'incompleteApproval'
  | 'change' | 'demolished' | 'activity' | 'limit' | 'targetBreached' | 'offCourse' | 'modelDrift' | 'modelWaiting' | 'other'

const has = (alert: Alert, code: string): boolean => alert.reasons.some((reason) => reason.code === code)
const fact = (alert: Alert, code: string, name: string): string | undefined => alert.reasons.find((reason) => reason.code === code)?.facts[name]

/** The most serious thing that the reasons say; the order below is the order of weight. */
export function headlineKey(alert: Alert): HeadlineKey {
  switch (alert.subject.kind) {
    case 'datastream':
      return 'limit'
    case 'thing':
      return 'activity'
    case 'indicator':
      if (alert.ruleId === 'model-drift') return 'modelDrift'
      if (alert.ruleId === 'model-waiting') return 'modelWaiting'
      return has(alert, 'target-breached') ? 'targetBreached' : 'offCourse'
    default:
      break
  }
  if (alert.ruleId === 'red-line-change') return 'redLineChange'
  if (alert.ruleId === 'control-line-changed') return 'lineChanged'
  if (alert.ruleId === 'project-without-approval') return 'projectUnapproved'
  if (alert.verdict === 'review' && has(alert, 'approval-began-in-interval')) return 'reviewApproval'
  const line = alert.reasons.filter((reason) => reason.code === 'inside-control-line').map((reason) => controlLineKind(reason.facts['kind']))
  if (line.includes('redLine')) return 'inRedLine'
  if (line.includes('farmland')) return 'inFarmland'
  if (has(alert, 'outside-approval')) return 'outsideApproval'
  if (has(alert, 'approval-expired')) return 'expiredApproval'
  if (has(alert, 'approval-not-granted')) return 'notGranted'
  if (has(alert, 'approval-later')) return 'reviewApproval'
  if (has(alert, 'approval-insufficient') || has(alert, 'approval-partial')) return 'incompleteApproval'
  if (has(alert, 'no-approval') || has(alert, 'activity-without-approval')) return 'noApproval'
  if (has(alert, 'other-use')) return 'otherUse'
  if (has(alert, 'more-area') || has(alert, 'more-area-of-site') || has(alert, 'more-height')) return 'moreSize'
  if (has(alert, 'outside-development-boundary')) return 'outsideBoundary'
  if (has(alert, 'demolition-seen')) return 'demolished'
  if (has(alert, 'change-kind')) return 'change'
  return 'other'
}

function parameters(alert: Alert, key: HeadlineKey, t: Translate): Record<string, string> {
  if (key === 'limit') {
    const property = fact(alert, 'limit-exceeded', 'property') ?? fact(alert, 'limit-cleared', 'property')
    const name = termKey('property', property)
    return { property: name ? t(name) : (property ?? alert.ruleId) }
  }
  if (key === 'change') {
    const kind = termKey('changeKind', fact(alert, 'change-kind', 'kind'))
    return { kind: kind ? t(kind) : t('term.changeKind.other') }
  }
  if (key === 'other') return { rule: alert.ruleId }
  return {}
}

/** The headline; with an outcome known it states the outcome instead of the suspicion. */
export function headline(alert: Alert, t: Translate, outcome?: Outcome): string {
  const key = headlineKey(alert)
  const named = parameters(alert, key, t)
  if (outcome) return t(`headline.after.${outcome}`, { what: t(`headline.plain.${key}`, named) })
  return t(`headline.suspected.${key}`, named)
}

/** The outcome as far as this answer tells it: lists say it, the detail has the whole case. */
export const outcomeOf = (alert: Alert & Partial<Pick<AlertDetail, 'case'>>): Outcome | undefined => alert.case?.verification?.outcome ?? alert.outcome ?? undefined

/** What stands first at the foot of a card: a judgement by a person in place of the suspicion. */
export function cardVerdict(alert: Alert, t: Translate): string[] {
  const ended = alert.state === 'resolved' && alert.resolveReason ? t(`resolve.${alert.resolveReason}`) : t(`state.${alert.state}`)
  const outcome = outcomeOf(alert)
  if (outcome) return [t(`outcome.${outcome}`), ended]
  return alert.resolveReason === 'humanOutcome' ? [ended] : [t(`verdictShort.${alert.verdict}`), ended]
}

/** Says where a warning comes from, and that it is a clue only. */
export function clueOf(kind: Alert['subject']['kind']): string {
  if (kind === 'site') return 'clue.title'
  return kind === 'indicator' ? 'clue.indicator' : 'clue.ground'
}

/** Icon that goes with the subject; colour is never the only sign. */
export type SubjectIcon = 'building' | 'activity' | 'sensor' | 'chart'

export function subjectIcon(alert: Pick<Alert, 'subject'>): SubjectIcon {
  switch (alert.subject.kind) {
    case 'site':
      return 'building'
    case 'thing':
      return 'activity'
    case 'datastream':
      return 'sensor'
    default:
      return 'chart'
  }
}
