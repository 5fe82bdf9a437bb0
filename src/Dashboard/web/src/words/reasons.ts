/**
 * Reasons into words: a short phrase for cards and a full sentence with numbers and units, in the reader's language.
 * The codes are those of docs/formats/reasons.md.
 */
import type { Reason } from '@/api/types'
import { area, distance, muOf } from '@/format/area'
import type { Reader } from '@/format/locale'
import { number, percent, signed, significant, UNKNOWN } from '@/format/number'
import { date, dateTime, month } from '@/format/time'
import { controlLineKind, landUseKey, termKey, type TermFamily } from './terms'

export type Translate = (key: string, named?: Record<string, unknown>) => string

export const reasonCodes = [
  'no-approval', 'outside-approval', 'approval-began-in-interval', 'approval-expired', 'approval-not-granted', 'approved',
  'inside-control-line', 'outside-development-boundary', 'control-line-outcome', 'parcel', 'change-kind', 'index-change',
  'seen-in-passes', 'change-interval', 'demolition-seen', 'limit-exceeded', 'limit-cleared', 'truck-passes', 'power-draw',
  'camera-event', 'activity-without-approval', 'target-breached', 'off-course', 'approvals-unknown', 'approval-later', 'approval-partial',
  'approval-insufficient', 'kind-not-judged', 'no-plan-data', 'not-confirmed', 'stage', 'limit-hours-ended',
  'baseline-chosen', 'baseline-passed-over', 'no-baseline', 'scored-by', 'since-last-time',
  'low-probability', 'feature-drift', 'calibration-drift', 'model-better',
  'occupied-farmland', 'occupied-basic-farmland', 'other-use', 'planned-use', 'use-against-plan', 'more-area', 'more-height',
  'height-not-compared', 'stage-finding', 'control-line-changed', 'episode-permitted', 'episode-not-permitted',
  'project-without-approval', 'project-outside-approval', 'project-approved',
  'more-area-of-site', 'recheck-drawn', 'taken-up', 'below-warning',
] as const
export type ReasonCode = (typeof reasonCodes)[number]

const isKnown = (code: string): code is ReasonCode => (reasonCodes as readonly string[]).includes(code)

/** What kind of statement a reason is: it orders the evidence page. */
export type ReasonGroup = 'approval' | 'controlLine' | 'imagery' | 'ground' | 'indicator'

const groups: Record<ReasonCode, ReasonGroup> = {
  'no-approval': 'approval', 'outside-approval': 'approval', 'approval-began-in-interval': 'approval', 'approval-expired': 'approval',
  'approval-not-granted': 'approval', approved: 'approval', 'activity-without-approval': 'approval',
  'inside-control-line': 'controlLine', 'outside-development-boundary': 'controlLine', 'control-line-outcome': 'controlLine', parcel: 'controlLine',
  'change-kind': 'imagery', 'index-change': 'imagery', 'seen-in-passes': 'imagery', 'change-interval': 'imagery', 'demolition-seen': 'imagery',
  'limit-exceeded': 'ground', 'limit-cleared': 'ground', 'truck-passes': 'ground', 'power-draw': 'ground', 'camera-event': 'ground',
  'target-breached': 'indicator', 'off-course': 'indicator',
  'approvals-unknown': 'approval', 'approval-later': 'approval', 'approval-partial': 'approval', 'approval-insufficient': 'approval',
  'kind-not-judged': 'imagery', 'no-plan-data': 'approval', 'not-confirmed': 'imagery', stage: 'imagery', 'limit-hours-ended': 'ground',
  'baseline-chosen': 'imagery', 'baseline-passed-over': 'imagery', 'no-baseline': 'imagery', 'scored-by': 'imagery', 'since-last-time': 'imagery',
  'low-probability': 'imagery', 'feature-drift': 'indicator', 'calibration-drift': 'indicator', 'model-better': 'indicator',
  'occupied-farmland': 'controlLine',
  'occupied-basic-farmland': 'controlLine',
  'other-use': 'approval',
  'planned-use': 'controlLine',
  'use-against-plan': 'approval',
  'more-area': 'approval',
  'more-height': 'approval',
  'height-not-compared': 'approval',
  'stage-finding': 'approval',
  'control-line-changed': 'controlLine',
  'episode-permitted': 'ground',
  'episode-not-permitted': 'ground',
  'project-without-approval': 'approval',
  'project-outside-approval': 'approval',
  'project-approved': 'approval',
  'more-area-of-site': 'approval',
  'recheck-drawn': 'imagery',
  'taken-up': 'imagery',
  'below-warning': 'imagery',
}

export const reasonGroup = (code: string): ReasonGroup => (isKnown(code) ? groups[code] : 'approval')

export interface ReasonWords {
  /** A few words for a card. */
  short: string
  /** A full sentence. */
  sentence: string
  group: ReasonGroup
}

function term(family: TermFamily, code: string | undefined, t: Translate): string {
  const key = termKey(family, code)
  return key ? t(key) : (code ?? UNKNOWN)
}

export function landUse(code: string | undefined, t: Translate): string {
  if (!code) return t('words.unknown')
  const key = landUseKey(code)
  return key ? `${t(key)} (${code})` : code
}

function kindOf(reasonCode: string, value: string, t: Translate): string {
  const line = controlLineKind(value)
  if (reasonCode.startsWith('approv') || reasonCode.startsWith('episode')) return term('permitKind', value, t)
  if (reasonCode === 'inside-control-line' || reasonCode === 'control-line-outcome' || reasonCode === 'control-line-changed') return line ? t(`term.controlLine.${line}`) : value
  return term('changeKind', value, t)
}

const whole = new Set(['considered', 'fitting', 'new', 'grown', 'same', 'not_seen_again', 'not_observed', 'count', 'passes', 'patches', 'usual', 'clear_pixels', 'window_minutes', 'window_hours', 'rows', 'outcomes'])
const figures = new Set(['value', 'limit', 'target', 'expected', 'tolerance', 'kwh', 'usual_kwh', 'psi'])
const shares = new Set(['share', 'score', 'completeness', 'probability', 'bound', 'stated', 'seen', 'certainty', 'surveyed_share'])
const days = new Set(['valid_from', 'valid_to', 'not_before', 'not_after', 'seen_from', 'seen_to', 'from'])
const areas = new Set(['area_m2', 'patch_area_m2', 'approved_m2', 'lost_m2', 'gained_m2'])
const mus = new Set(['area_mu', 'lost_mu', 'gained_mu'])
const meters = new Set(['height_m', 'height_sd_m', 'max_height_m'])
const verdicts = new Set(['compliant', 'review', 'conflict'])
const indices = new Set(['ndvi', 'ndbi', 'bsi', 'mndwi'])

/** A unit as it is printed: areas with a raised two, a plain count with nothing. */
export const unitText = (unit: string): string => ({ '1': '', m2: 'm²', km2: 'km²', m3: 'm³', 'ug/m3': 'µg/m³' })[unit] ?? unit

/** One fact as the reader sees it: unit and precision follow from its name. */
export function factText(reasonCode: string, name: string, value: string, t: Translate, reader: Reader): string {
  if (value === '') return UNKNOWN
  const amount = Number(value)
  const isNumber = Number.isFinite(amount)
  if (areas.has(name)) return isNumber ? area(amount, reader.locale) : value
  if (meters.has(name)) return isNumber ? `${significant(amount, reader.locale)} m` : value
  if (mus.has(name)) return isNumber ? muOf(amount, reader.locale) : value
  if (name === 'distance_m') return isNumber ? distance(amount, reader.locale) : value
  if (shares.has(name)) return isNumber ? percent(amount, reader.locale) : value
  if (indices.has(name)) return isNumber ? signed(amount, reader.locale) : value
  if (whole.has(name)) return isNumber ? number(amount, reader.locale, 1) : value
  if (figures.has(name)) return isNumber ? significant(amount, reader.locale) : value
  if (days.has(name)) return Number.isNaN(Date.parse(value)) ? value : date(value, reader.timeZone)
  if (name === 'last') return value.includes('T') ? dateTime(value, reader.timeZone) : value
  if (name === 'month') return month(value)
  if (name === 'kind') return kindOf(reasonCode, value, t)
  if (name === 'status') return term('permitStatus', value, t)
  if (name === 'property') return term('property', value, t)
  if (name === 'event') return term('cameraEvent', value, t)
  if (name === 'why') return term(reasonCode === 'control-line-changed' ? 'lineWhy' : 'whyNot', value, t)
  if (name === 'finding') return term('stageFinding', value, t)
  if (name === 'which') return term('areaWhich', value, t)
  if (name === 'source') return term('planSource', value, t)
  if (name === 'shows') return term('siteKind', value, t)
  if (name === 'code') return termKey('zone', value) ? term('zone', value, t) : landUse(value, t)
  if (name === 'same_season' || name === 'same_sensor') return value === 'true' || value === 'false' ? t(`comparison.${name === 'same_season' ? 'season' : 'sensor'}.${value}`) : value
  if (name === 'burden_years') return isNumber ? number(amount, reader.locale, 2) : value
  if (name === 'how') return value.startsWith('the built-in score') ? t('comparison.builtIn') : value.replace(/\.$/, '')
  if (name === 'stage') return term('stage', value, t)
  if (name === 'verdict' || name === 'fires_from') return verdicts.has(value) ? t(`verdictShort.${value}`) : value
  if (name === 'outcome') return term('outcomeOfLine', value, t)
  if (name === 'use_code' || name === 'planned_use_code') return landUse(value, t)
  return value
}

/** Facts that each sentence names; the others are filled in as unknown when the detector left them out. */
export const factsOf: Record<ReasonCode, readonly string[]> = {
  'no-approval': ['area_m2', 'share'],
  'outside-approval': ['permit_no', 'area_m2', 'distance_m'],
  'approval-began-in-interval': ['permit_no', 'valid_from', 'not_before', 'not_after'],
  'approval-expired': ['permit_no', 'valid_to'],
  'approval-not-granted': ['permit_no', 'status'],
  approved: ['permit_no', 'share'],
  'inside-control-line': ['control_line', 'kind', 'area_m2', 'area_mu'],
  'outside-development-boundary': ['area_m2', 'area_mu'],
  'control-line-outcome': ['kind', 'outcome', 'document'],
  parcel: ['parcel_id', 'use_code', 'planned_use_code', 'area_m2'],
  'change-kind': ['kind', 'score'],
  'index-change': ['ndvi', 'ndbi', 'bsi', 'mndwi'],
  'seen-in-passes': ['count', 'clear_pixels'],
  'change-interval': ['not_before', 'not_after'],
  'demolition-seen': ['not_before', 'not_after'],
  'limit-exceeded': ['property', 'value', 'limit', 'unit', 'window_minutes', 'completeness'],
  'limit-cleared': ['property', 'value', 'limit', 'unit', 'window_minutes', 'completeness'],
  'truck-passes': ['count', 'usual', 'window_hours'],
  'power-draw': ['kwh', 'usual_kwh', 'window_hours'],
  'camera-event': ['event', 'count', 'last'],
  'activity-without-approval': ['thing', 'distance_m'],
  'target-breached': ['value', 'target', 'unit', 'month'],
  'off-course': ['value', 'expected', 'tolerance', 'unit', 'month'],
  'approvals-unknown': [],
  'approval-later': ['permit_no', 'valid_from', 'not_after'],
  'approval-partial': ['permit_no', 'kind'],
  'approval-insufficient': ['permit_no', 'kind'],
  'kind-not-judged': ['kind'],
  'no-plan-data': [],
  'not-confirmed': ['score', 'passes'],
  stage: ['stage'],
  'limit-hours-ended': ['property', 'value', 'limit', 'unit', 'window_minutes'],
  'baseline-chosen': ['scene', 'considered', 'fitting', 'same_season', 'same_sensor', 'burden_years'],
  'baseline-passed-over': ['scene', 'why'],
  'no-baseline': ['why', 'considered'],
  'scored-by': ['how'],
  'since-last-time': ['scene', 'new', 'grown', 'same', 'not_seen_again', 'not_observed'],
  'low-probability': ['probability', 'bound', 'model'],
  'feature-drift': ['feature', 'psi', 'rows'],
  'calibration-drift': ['stated', 'seen', 'outcomes'],
  'model-better': ['version', 'cases', 'average_precision', 'average_precision_now'],
  'occupied-farmland': ['area_m2', 'area_mu', 'surveyed_share', 'survey'],
  'occupied-basic-farmland': ['area_m2', 'area_mu', 'lines'],
  'other-use': ['permit_no', 'use_code', 'shows', 'certainty'],
  'planned-use': ['code', 'source', 'share'],
  'use-against-plan': ['permit_no', 'use_code', 'code', 'source', 'area_m2'],
  'more-area': ['permit_no', 'which', 'area_m2', 'approved_m2'],
  'more-area-of-site': ['permit_no', 'which', 'area_m2', 'patch_area_m2', 'patches', 'approved_m2'],
  'recheck-drawn': ['probability', 'model', 'share'],
  'taken-up': ['person', 'note'],
  'below-warning': ['verdict', 'fires_from'],
  'more-height': ['permit_no', 'height_m', 'height_sd_m', 'max_height_m'],
  'height-not-compared': ['max_height_m'],
  'stage-finding': ['finding', 'seen_from', 'area_m2', 'area_mu'],
  'control-line-changed': ['control_line', 'kind', 'lost_m2', 'lost_mu', 'gained_m2', 'gained_mu', 'from', 'document', 'why', 'version'],
  'episode-permitted': ['permit_no', 'kind', 'distance_m'],
  'episode-not-permitted': ['distance_m'],
  'project-without-approval': ['project', 'area_m2', 'area_mu'],
  'project-outside-approval': ['project', 'permit_no', 'area_m2', 'area_mu'],
  'project-approved': ['project', 'permit_no', 'share'],
}

/** Sentences for reasons whose facts come in two forms. */
export const reasonVariants = ['approved-near', 'activity-without-approval-anywhere', 'camera-event-nothing', 'control-line-outcome-undocumented',
  'occupied-farmland-unknown', 'occupied-basic-farmland-unknown', 'occupied-basic-farmland-none', 'control-line-changed-undocumented', 'index-change-plants'] as const

function sentenceKey(reason: Reason): string {
  if (reason.code === 'approved' && reason.facts['share'] === undefined && reason.facts['distance_m']) return 'approved-near'
  if (reason.code === 'activity-without-approval' && !reason.facts['distance_m']) return 'activity-without-approval-anywhere'
  if (reason.code === 'control-line-outcome' && !reason.facts['document']) return 'control-line-outcome-undocumented'
  if ((reason.code === 'occupied-farmland' || reason.code === 'occupied-basic-farmland') && reason.facts['state'] === 'unknown') return `${reason.code}-unknown`
  if (reason.code === 'occupied-basic-farmland' && !reason.facts['lines']) return 'occupied-basic-farmland-none'
  if (reason.code === 'control-line-changed' && !reason.facts['document']) return 'control-line-changed-undocumented'
  if (reason.code === 'index-change' && !reason.facts['ndbi']) return 'index-change-plants'
  if (reason.code === 'camera-event' && reason.facts['event'] === 'none') return 'camera-event-nothing'
  return reason.code
}

export interface NameSource {
  /** The name of a thing for the reader, when the pages know it. */
  thing?: (id: string) => string | undefined
  /** The name of a control line, when the pages know it. */
  controlLine?: (id: string) => string | undefined
}

/** A sentence may begin with a term that is written small elsewhere. */
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

export function reasonWords(reason: Reason, t: Translate, reader: Reader, names: NameSource = {}): ReasonWords {
  const named: Record<string, string> = {}
  const add = (name: string, value: string): void => {
    named[name] = name === 'thing' ? (names.thing?.(value) ?? value) : name === 'control_line' ? (names.controlLine?.(value) ?? value) : factText(reason.code, name, value, t, reader)
  }
  if (!isKnown(reason.code)) {
    const facts = Object.entries(reason.facts).map(([name, value]) => `${name} = ${value}`).join(', ')
    return { short: reason.code, sentence: t('reason.unknown', { code: reason.code, facts: facts || UNKNOWN }), group: 'approval' }
  }
  for (const name of factsOf[reason.code]) named[name] = UNKNOWN
  for (const [name, value] of Object.entries(reason.facts)) add(name, value)
  // Both views of one area stand together; whichever the detector gave, the other follows.
  const squareMeters = Number(reason.facts['area_m2'])
  if ('area_mu' in named && named['area_mu'] === UNKNOWN && Number.isFinite(squareMeters)) {
    named['area_mu'] = muOf(squareMeters / (10_000 / 15), reader.locale)
  }
  if (named['unit']) named['unit'] = unitText(named['unit'])
  return {
    short: t(`reason.${sentenceKey(reason)}.short`, named).trim(),
    sentence: capital(t(`reason.${sentenceKey(reason)}.sentence`, named).replace(/ {2,}/g, ' ')),
    group: groups[reason.code],
  }
}
