import type { Alert, IndicatorDefinition } from '@/api/types'
import type { Locale } from '@/format/locale'

/** The mark of a proxy stands beside the name as a label of its own; a name that carries it too would say it twice. */
export function indicatorName(definition: IndicatorDefinition, locale: Locale): string {
  const name = locale === 'en' ? definition.nameEn : definition.name
  return definition.proxy ? name.replace(/（遥感代理）$/, '').replace(/，遥感代理）$/, '）').replace(/ \(proxy\)$/, '') : name
}

/** Code and region of the indicator that a warning is about (`code@region`); undefined for other subjects. */
export function indicatorOf(alert: Pick<Alert, 'subject' | 'ruleId'>): { code: string; region: string } | undefined {
  if (alert.subject.kind !== 'indicator' || alert.ruleId !== 'indicator-target') return undefined
  const [code = '', region = ''] = alert.subject.id.split('@')
  return { code, region }
}
