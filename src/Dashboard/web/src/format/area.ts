import { type Locale } from './locale'
import { number, UNKNOWN } from './number'

/** One 亩 is 1/15 ha. */
export const SQUARE_METERS_PER_MU = 10_000 / 15

/** Square metres; square kilometres from 1 km² on. */
export function area(squareMeters: number | null | undefined, locale: Locale): string {
  if (squareMeters === null || squareMeters === undefined || !Number.isFinite(squareMeters)) return UNKNOWN
  if (squareMeters >= 1_000_000) return `${number(squareMeters / 1_000_000, locale, 2)} km²`
  return `${number(squareMeters, locale, squareMeters < 100 ? 1 : 0)} m²`
}

/** The same area in 亩, a view of it. */
export function mu(squareMeters: number | null | undefined, locale: Locale): string {
  if (squareMeters === null || squareMeters === undefined || !Number.isFinite(squareMeters)) return UNKNOWN
  return muOf(squareMeters / SQUARE_METERS_PER_MU, locale)
}

export function muOf(value: number, locale: Locale): string {
  return `${number(value, locale, value < 100 ? 2 : 0)} ${locale === 'zh' ? '亩' : 'mu'}`
}

export function distance(meters: number | null | undefined, locale: Locale): string {
  if (meters === null || meters === undefined || !Number.isFinite(meters)) return UNKNOWN
  return meters >= 1000 ? `${number(meters / 1000, locale, 2)} km` : `${number(meters, locale, meters < 10 ? 1 : 0)} m`
}
