import type { Withheld } from '@/api/types'
import type { Translate } from './reasons'

const layers = { regions: 'regions', 'control-lines': 'controlLines', permits: 'permits', parcels: 'parcels', plans: 'plans' } as const

/** Why something is not told. It does not say whether there is anything. */
export function withheldWords(part: Withheld, t: Translate): string {
  if (part.because === 'region') return t('place.withheldRegion')
  const known = layers[part.layer as keyof typeof layers]
  return t('place.withheldGrade', { layer: known ? t(`place.layer.${known}`) : (part.layer ?? '') })
}
