import type { Conflict, ConflictNote, ConflictSuggestion, ConflictTotal } from '@/api/conflicts'
import { area, distance, mu } from '@/format/area'
import type { Locale } from '@/format/locale'
import { number, percent, signed } from '@/format/number'
import type { Translate } from './reasons'

/** Codes that docs/formats/conflicts.md lists. */
export const conflictKinds = [
  'control_line', 'outside_boundary', 'zoning', 'permit', 'land_use', 'height', 'plan', 'reserved_corridor', 'strategic_reserve', 'detailed_against_master',
  'red_line_without_rules', 'class_disagreement', 'parcel', 'pipe_crossing', 'pipe_clearance', 'pipe_foundation',
] as const
export const noteCodes = ['width-assumed', 'layer-unknown', 'no-feature-known', 'truncated', 'suggestion-none', 'suggestion-not-sought', 'depth-unknown', 'clipped'] as const
export const changes = ['shift', 'reroute', 'translate', 'trim'] as const
export const layerNames = [
  'control-lines', 'permits', 'parcels', 'zoning', 'land-use-plan', 'land-survey', 'project', 'road', 'pipe', 'strategic-reserve', 'master-plan', 'detailed-plan', 'special-plan', 'forest-land', 'building', 'plans',
] as const

const known = <T extends string>(list: readonly T[], code: string): code is T => (list as readonly string[]).includes(code)

export const kindName = (code: string, t: Translate): string => (known(conflictKinds, code) ? t(`conflicts.kinds.${code}`) : code)
export const layerName = (code: string, t: Translate): string => (known(layerNames, code) ? t(`conflicts.layer.${code}`) : code)
export const changeName = (code: string, t: Translate): string => (known(changes, code) ? t(`conflicts.suggestion.change.${code}`) : code)

/** Area where there is one, length where there is one. */
export function extent(part: Pick<ConflictTotal, 'areaSquareMeters' | 'lengthMeters'>, t: Translate, locale: Locale): string {
  const words: string[] = []
  if (part.areaSquareMeters > 0) words.push(t('conflicts.overlap', { area: area(part.areaSquareMeters, locale), mu: mu(part.areaSquareMeters, locale) }))
  if (part.lengthMeters > 0) words.push(t('conflicts.length', { length: distance(part.lengthMeters, locale) }))
  return words.join(' · ')
}

/** What the conflict is with. */
export function withWords(conflict: Pick<Conflict, 'with'>, t: Translate): string {
  const other = conflict.with
  return other ? t('conflicts.withFeature', { layer: layerName(other.layer, t), name: other.name && other.name !== other.id ? `${other.name} ${other.id}` : other.id }) : t('conflicts.outside')
}

/** Sentences of clearances, classes and heights. */
export function factWords(conflict: Pick<Conflict, 'clearance' | 'facts'>, t: Translate, locale: Locale): string[] {
  const words: string[] = []
  const { clearance, facts } = conflict
  const meters = (value: number): string => number(value, locale, 2)
  if (clearance?.requiredVertical != null && clearance.vertical != null) words.push(t('conflicts.clearance.vertical', { have: meters(clearance.vertical), need: meters(clearance.requiredVertical) }))
  else if (clearance?.requiredHorizontal != null && clearance.horizontal != null) words.push(t('conflicts.clearance.horizontal', { have: meters(clearance.horizontal), need: meters(clearance.requiredHorizontal) }))
  if (clearance?.planViewOnly) words.push(t('conflicts.clearance.planViewOnly'))
  if (facts['subject_class'] && facts['feature_class']) words.push(t('conflicts.classes', { mine: facts['subject_class'], theirs: facts['feature_class'] }))
  if (facts['height_m'] && facts['max_height_m']) words.push(t('conflicts.heights', { height: facts['height_m'], most: facts['max_height_m'] }))
  return words
}

/** What a change gains and what it costs. */
export function suggestionWords(suggestion: ConflictSuggestion, t: Translate, locale: Locale): { gain: string; facts: string[] } {
  const gain = suggestion.costAfter <= 0
    ? t('conflicts.suggestion.clear')
    : t('conflicts.suggestion.cost', { share: percent(1 - suggestion.costAfter / suggestion.costBefore, locale, 0) })
  const facts: string[] = []
  const length = suggestion.lengthAfter - suggestion.lengthBefore
  if (suggestion.lengthBefore > 0) facts.push(t('conflicts.suggestion.length', { delta: signed(length, locale, 0) }))
  facts.push(t('conflicts.suggestion.area', { delta: signed(suggestion.areaAfter - suggestion.areaBefore, locale, 0) }))
  if (suggestion.movedMeters > 0) facts.push(t('conflicts.suggestion.moved', { distance: distance(suggestion.movedMeters, locale) }))
  if (suggestion.leastRadiusMeters) facts.push(t('conflicts.suggestion.radius', { radius: distance(suggestion.leastRadiusMeters, locale) }))
  return { gain, facts }
}

export function noteWords(note: ConflictNote, t: Translate): string {
  if (!known(noteCodes, note.code)) return note.code
  return t(`conflicts.note.${note.code}`, { ...note.facts, layer: layerName(note.facts['layer'] ?? '', t) })
}
