/** A gap is not a value: where buckets are missing, a line must break. Pure. */
import type { SeriesPoint } from '@/api/types'

export interface GapPoint {
  /** Milliseconds since 1970, start of the bucket. */
  t: number
  /** Null in a gap. */
  value: number | null
  min: number | null
  max: number | null
  completeness?: number | null
}

/**
 * The points with one empty point in each hole. A hole is where the next point comes later than the expected step, which is the
 * bucket or, when results come more rarely than that, their interval. Irregular datastreams (null) have no holes.
 */
export function withGaps(points: readonly SeriesPoint[], bucketSeconds: number, expectedIntervalSeconds: number | null | undefined): GapPoint[] {
  const step = expectedIntervalSeconds ? Math.max(bucketSeconds, expectedIntervalSeconds) * 1000 : undefined
  const result: GapPoint[] = []
  let last: number | undefined
  for (const point of points) {
    const t = Date.parse(point.t)
    if (step !== undefined && last !== undefined && t - last > step * 1.5) result.push({ t: last + step, value: null, min: null, max: null })
    result.push({ t, value: point.value, min: point.min, max: point.max, completeness: point.completeness })
    last = t
  }
  return result
}

/** Time without data within [from, to] in milliseconds, as pairs, including the ends. */
export function holes(points: readonly SeriesPoint[], bucketSeconds: number, expectedIntervalSeconds: number | null | undefined, from: number, to: number): [number, number][] {
  if (!expectedIntervalSeconds) return []
  const step = Math.max(bucketSeconds, expectedIntervalSeconds) * 1000
  const found: [number, number][] = []
  let edge = from
  for (const point of points) {
    const t = Date.parse(point.t)
    if (t - edge > step * 1.5) found.push([edge, t])
    edge = Math.max(edge, t + bucketSeconds * 1000)
  }
  if (to - edge > step * 2.5) found.push([edge, to])
  return found
}

/** Months between two firsts of months (yyyy-MM…), both included, as yyyy-MM. */
export function monthsBetween(from: string, to: string): string[] {
  let year = Number(from.slice(0, 4))
  let month = Number(from.slice(5, 7))
  const end = to.slice(0, 7)
  const result: string[] = []
  for (let i = 0; i < 1200; i++) {
    const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`
    if (text > end) break
    result.push(text)
    month++
    if (month > 12) {
      month = 1
      year++
    }
  }
  return result
}
