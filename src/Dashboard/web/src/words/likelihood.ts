/** Probabilities into words. */
import type { Likelihood, ScorePart } from '@/api/models'
import type { Reader } from '@/format/locale'
import { number, percent } from '@/format/number'
import type { Translate } from './reasons'

/** Never 0 % or 100 %: nothing is certain. */
export function chance(probability: number, locale: Reader['locale']): string {
  if (probability < 0.01) return `< ${percent(0.01, locale)}`
  if (probability > 0.99) return `> ${percent(0.99, locale)}`
  return percent(probability, locale)
}

export const sourceWords = (found: Likelihood, t: Translate): string =>
  found.source === 'model' ? t('likelihood.byModel', { version: found.model ?? '' }) : t('likelihood.byRules')

/** A short line for cards. */
export const likelihoodShort = (found: Likelihood, t: Translate, locale: Reader['locale']): string =>
  t(found.source === 'model' ? 'likelihood.short' : 'likelihood.shortRules', { percent: chance(found.probability, locale) })

const shares = new Set(['farmland_share', 'red_line_share', 'urban_share', 'permit_share', 'image_score', 'kind_building', 'kind_earthworks', 'kind_greenhouse', 'kind_other', 'kind_untold'])
const flags = new Set(['use_fits', 'expired_permit', 'applied_permit', 'temporary_permit', 'facility_record'])

/** What was known of one feature, as people read it. */
export function partValue(part: ScorePart, t: Translate, locale: Reader['locale']): string {
  const value = part.value
  if (typeof value !== 'number') return t('words.unknown')
  if (part.feature === 'verdict') return t(`verdictShort.${['compliant', 'review', 'conflict'][value] ?? 'notJudged'}`)
  if (flags.has(part.feature)) return t(value > 0 ? 'likelihood.yes' : 'likelihood.no')
  if (shares.has(part.feature)) return percent(value, locale)
  if (part.feature === 'area_log_m2') return `${number(Math.exp(value), locale, 0)} m²`
  if (part.feature === 'uncovered_log_m2') return `${number(Math.exp(value) - 1, locale, 0)} m²`
  return number(value, locale, Number.isInteger(value) ? 0 : 1)
}
