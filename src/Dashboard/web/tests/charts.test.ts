import { describe, expect, it } from 'vitest'
import type { IndicatorSeries, SeriesPoint } from '@/api/types'
import { bucketFor, isoDuration } from '@/charts/buckets'
import { holes, monthsBetween, withGaps } from '@/charts/gaps'
import { expectedAt, indicatorStatus } from '@/charts/indicator'

const T0 = Date.parse('2026-05-01T00:00:00Z')
const at = (minute: number, value = 1): SeriesPoint => ({ t: new Date(T0 + minute * 60_000).toISOString(), value, min: value, max: value, count: 1, completeness: 1 })
const minutes = (points: { t: number; value: number | null }[]): [number, number | null][] => points.map((p) => [(p.t - T0) / 60_000, p.value])

describe('withGaps', () => {
  it('leaves whole data alone', () => expect(minutes(withGaps([at(0), at(5), at(10)], 300, 60))).toEqual([[0, 1], [5, 1], [10, 1]]))
  it('breaks the line once in each hole', () => expect(minutes(withGaps([at(0), at(5), at(60), at(65)], 300, 60))).toEqual([[0, 1], [5, 1], [10, null], [60, 1], [65, 1]]))
  it('knows that results may come more rarely than buckets', () => expect(minutes(withGaps([at(0), at(15), at(30)], 300, 900))).toEqual([[0, 1], [15, 1], [30, 1]]))
  it('never breaks irregular datastreams', () => expect(minutes(withGaps([at(0), at(500)], 300, null))).toEqual([[0, 1], [500, 1]]))
  it('makes nothing of nothing', () => expect(withGaps([], 300, 60)).toEqual([]))
})

describe('holes', () => {
  const span = (points: SeriesPoint[]): [number, number][] => holes(points, 300, 60, T0, T0 + 3600_000).map(([a, b]) => [(a - T0) / 60_000, (b - T0) / 60_000])
  it('are inside and at both ends', () => expect(span([at(20), at(25), at(40)])).toEqual([[0, 20], [30, 40], [45, 60]]))
  it('are the whole time when there is nothing', () => expect(span([])).toEqual([[0, 60]]))
  it('are none when there is no expected interval', () => expect(holes([], 300, null, T0, T0 + 1)).toEqual([]))
})

describe('buckets', () => {
  it.each([[3600, 60, 60], [21_600, 60, 120], [86_400, 60, 600], [86_400, 1800, 1800], [2_592_000, 60, 10_800]])('%s s with results each %s s', (seconds, interval, bucket) => expect(bucketFor(seconds, interval)).toBe(bucket))
  it.each([[30, 'PT30S'], [300, 'PT5M'], [7200, 'PT2H']])('%s s is %s', (seconds, text) => expect(isoDuration(seconds)).toBe(text))
})

describe('months', () => {
  it('run over the end of a year', () => expect(monthsBetween('2025-11-01', '2026-02-01')).toEqual(['2025-11', '2025-12', '2026-01', '2026-02']))
})

const series = (direction: 'atMost' | 'atLeast' | 'informative', value: number | null, month = '2026-01-01'): IndicatorSeries => ({
  definition: { code: 'x', system: 'sensed', definitionVersion: '1', name: 'x', nameEn: 'x', unit: '%', direction, binding: false, proxy: true }, region: '998421',
  values: [{ month, value, observableShare: 1, computedAt: '2026-02-01T00:00:00Z' }],
  target: { baseDate: '2025-01-01', baseValue: 8, targetDate: '2027-01-01', targetValue: direction === 'atLeast' ? 12 : 10, tolerance: 0.3 },
})

describe('indicatorStatus', () => {
  it('expects progress on a straight line, to the end of the month', () => {
    expect(expectedAt({ baseDate: '2025-01-01', baseValue: 0, targetDate: '2027-01-01', targetValue: 730, tolerance: 0 }, '2025-12-01')).toBe(365)
    expect(expectedAt({ baseDate: '2025-01-01', baseValue: 0, targetDate: '2026-01-01', targetValue: 1, tolerance: 0 }, '2030-01-01')).toBeNull()
  })
  it.each([
    ['atMost', 9.2, 'onCourse'], ['atMost', 9.6, 'offCourse'], ['atMost', 10.1, 'breached'], ['atMost', 2, 'onCourse'],
    ['atLeast', 10.1, 'onCourse'], ['atLeast', 9, 'offCourse'], ['informative', 99, 'noTarget'], ['atMost', null, 'noValue'],
  ] as const)('%s %s is %s', (direction, value, status) => expect(indicatorStatus(series(direction, value)).status).toBe(status))
  it('calls a floor breached only when the target is due', () => expect(indicatorStatus(series('atLeast', 11, '2026-12-01')).status).toBe('breached'))
})
