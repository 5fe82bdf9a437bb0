import { intlTag, type Locale } from './locale'

/** What stands where a value is unknown. */
export const UNKNOWN = '—'

/** A number with thousands separators and at most `digits` decimals. */
export function number(value: number | null | undefined, locale: Locale, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN
  return new Intl.NumberFormat(intlTag(locale), { maximumFractionDigits: digits }).format(value)
}

/** A count in the words of the language, three figures: 10.5万, 105 thousand. */
export function rough(value: number | null | undefined, locale: Locale): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN
  return new Intl.NumberFormat(intlTag(locale), { notation: 'compact', compactDisplay: 'long', maximumSignificantDigits: 3 }).format(value)
}

/** Enough decimals to tell three figures apart: 0.0123, 1.23, 12.3, 123. */
export function significant(value: number | null | undefined, locale: Locale, figures = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)))
  return number(value, locale, Math.min(8, Math.max(0, figures - 1 - magnitude)))
}

/** A change: always with its sign, a true minus, never "-0.00". */
export function signed(value: number | null | undefined, locale: Locale, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN
  const text = new Intl.NumberFormat(intlTag(locale), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(Math.abs(value))
  if (!/[1-9]/.test(text)) return text
  return (value < 0 ? '−' : '+') + text
}

/** Degrees to about a metre, always with five decimals, so that both coordinates of a place are equally exact. */
export function degrees(value: number, locale: Locale): string {
  return new Intl.NumberFormat(intlTag(locale), { minimumFractionDigits: 5, maximumFractionDigits: 5 }).format(value)
}

/** A share in [0, 1] as percent. */
export function percent(share: number | null | undefined, locale: Locale, digits = 0): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return UNKNOWN
  return `${number(share * 100, locale, digits)} %`
}
