/** How long a chart looks back and how wide its buckets are. Pure. */
import type { RangeId } from '@/url/viewState'

export const rangeSeconds: Record<RangeId, number> = { '1h': 3_600, '6h': 21_600, '24h': 86_400, '7d': 604_800, '30d': 2_592_000 }

const steps = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400]

/** Seconds a bucket: at most about 240 points, never finer than the results come. */
export function bucketFor(seconds: number, expectedIntervalSeconds?: number | null, irregularLeast = 0): number {
  const least = Math.max(seconds / 240, expectedIntervalSeconds ?? irregularLeast)
  return steps.find((step) => step >= least) ?? 86_400
}

/** ISO 8601 duration of whole seconds, in its largest even unit. */
export function isoDuration(seconds: number): string {
  if (seconds % 3600 === 0) return `PT${seconds / 3600}H`
  if (seconds % 60 === 0) return `PT${seconds / 60}M`
  return `PT${seconds}S`
}
