/** The monthly chart of an indicator, and what its newest value says against the target. Pure. */
import type { EChartsCoreOption } from 'echarts/core'
import type { IndicatorSeries, IndicatorTarget, IndicatorValue } from '@/api/types'
import { monthsBetween } from './gaps'
import type { ChartTheme } from './theme'

const endOfMonth = (month: string): number => Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 1)

/** Value that the path from base to target expects at the end of a month; null outside of the path's time. */
export function expectedAt(target: IndicatorTarget, month: string): number | null {
  const from = Date.parse(target.baseDate)
  const to = Date.parse(target.targetDate)
  const share = (endOfMonth(month) - from) / (to - from)
  if (!Number.isFinite(share) || share < 0 || share > 1 + 1 / 24) return null
  return target.baseValue + (target.targetValue - target.baseValue) * Math.min(1, share)
}

export type IndicatorStatus = 'onCourse' | 'offCourse' | 'breached' | 'noTarget' | 'noValue'

export const newestValue = (values: readonly IndicatorValue[]): IndicatorValue | undefined =>
  values.filter((value) => typeof value.value === 'number').at(-1)

export function indicatorStatus(series: IndicatorSeries): { status: IndicatorStatus; deviation?: number; expected?: number } {
  const { target, definition } = series
  const newest = newestValue(series.values)
  if (newest === undefined || typeof newest.value !== 'number') return { status: 'noValue' }
  if (!target || definition.direction === 'informative') return { status: 'noTarget' }
  const sign = definition.direction === 'atMost' ? 1 : -1
  const expected = expectedAt(target, newest.month) ?? target.targetValue
  const deviation = newest.value - expected
  const due = endOfMonth(newest.month) >= Date.parse(target.targetDate)
  if (sign * (newest.value - target.targetValue) > 0 && (definition.direction === 'atMost' || due)) return { status: 'breached', deviation, expected }
  return { status: sign * deviation > target.tolerance ? 'offCourse' : 'onCourse', deviation, expected }
}

export const hasObservableShare = (values: readonly IndicatorValue[]): boolean => values.some((value) => typeof value.observableShare === 'number')

/** Why a month has no value: what was seen before the first value had no baseline yet to be set against; anything else was not observed. */
export function holeOf(values: readonly IndicatorValue[], hole: IndicatorValue): 'gap' | 'noBaseline' {
  const began = values.some((value) => value.month <= hole.month && typeof value.value === 'number')
  return !began && (hole.observableShare ?? 0) > 0 ? 'noBaseline' : 'gap'
}

export interface IndicatorChartWords {
  value: string
  share: string
  path: string
  band: string
  unit: string
  gap: string
  noBaseline: string
  number: (value: number) => string
  percent: (share: number) => string
}

const MONTHS_AHEAD = 6

interface AxisItem {
  dataIndex?: number
}

export function indicatorOption(series: IndicatorSeries, theme: ChartTheme, words: IndicatorChartWords, narrow: boolean): EChartsCoreOption {
  const first = series.values[0]?.month ?? series.target?.baseDate ?? '2000-01'
  const last = series.values.at(-1)?.month ?? first
  const lastYear = Number(last.slice(0, 4))
  const lastMonth = Number(last.slice(5, 7)) + (series.target ? MONTHS_AHEAD : 0)
  const end = `${lastYear + Math.floor((lastMonth - 1) / 12)}-${String(((lastMonth - 1) % 12) + 1).padStart(2, '0')}`
  const months = monthsBetween(first, end)
  const byMonth = new Map(series.values.map((value) => [value.month.slice(0, 7), value]))
  const values = months.map((month) => byMonth.get(month)?.value ?? null)
  const shares = months.map((month) => byMonth.get(month)?.observableShare ?? null)
  const hasShares = hasObservableShare(series.values)
  const expected = months.map((month) => (series.target ? expectedAt(series.target, month) : null))
  const tolerance = series.target?.tolerance ?? 0
  // What is never under nothing has no tolerance there either.
  const floor = [...values, ...expected].every((value) => value === null || value >= 0) ? 0 : -Infinity
  const low = expected.map((e) => (e === null ? null : Math.max(floor, e - tolerance)))
  const bars = series.definition.unit === '1'
  // A month without a value is shaded over its whole width, on an axis of its own that nobody sees.
  const holes = months.map((month, i) => {
    if (month > last.slice(0, 7) || values[i] !== null) return null
    const found = byMonth.get(month)
    return found ? holeOf(series.values, found) : 'gap'
  })
  // One word for a run of such months, in its middle.
  const named = (i: number): boolean => {
    const from = holes.findLastIndex((hole, at) => at <= i && hole !== holes[i]) + 1
    const past = holes.findIndex((hole, at) => at > i && hole !== holes[i])
    return i === Math.floor((from + (past < 0 ? holes.length : past) - 1) / 2)
  }
  const shades = (['gap', 'noBaseline'] as const).filter((kind) => holes.includes(kind))
  const hidden = hasShares ? 2 : 1
  const left = narrow ? 48 : 58
  const axis = (grid: number, labels: boolean): object => ({
    type: 'category', gridIndex: grid, data: months, axisTick: { show: false }, axisLine: { lineStyle: { color: theme.grid } },
    axisLabel: { show: labels, color: theme.muted, fontSize: 11.5, hideOverlap: true }, axisPointer: { label: { show: false } },
  })
  // The shading has a month axis of its own too: beside bars that fill the month, the bars of the values would have no width.
  const shadeAxis = { ...axis(0, false), show: false }
  return {
    animation: false,
    grid: hasShares
      ? [{ left, right: 18, top: 38, height: narrow ? '52%' : '58%' }, { left, right: 18, bottom: 28, height: narrow ? '16%' : '15%' }]
      : [{ left, right: 18, top: 38, bottom: 28 }],
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    legend: {
      top: 0, left, itemWidth: 18, itemHeight: 10, itemGap: narrow ? 10 : 18, textStyle: { color: theme.muted, fontSize: 12 }, selectedMode: false,
      data: [words.value, ...(series.target ? [words.path, words.band] : []), ...(narrow ? [] : shades.map((kind) => words[kind]))],
    },
    xAxis: hasShares ? [axis(0, false), axis(1, true), shadeAxis] : [axis(0, true), shadeAxis],
    yAxis: [
      {
        type: 'value', gridIndex: 0, scale: !bars, name: words.unit, nameLocation: 'end', nameTextStyle: { color: theme.muted, fontSize: 11.5, align: 'right' }, nameGap: 8, splitNumber: 4,
        min: bars ? 0 : undefined,
        axisLabel: { color: theme.muted, fontSize: 11.5, formatter: (value: number) => words.number(value) }, splitLine: { lineStyle: { color: theme.grid } }, minInterval: bars ? 1 : undefined,
      },
      ...(hasShares ? [{
        type: 'value', gridIndex: 1, min: 0, max: 1, splitNumber: 2, interval: 0.5, name: words.share, nameLocation: 'end', nameGap: 6, nameTextStyle: { color: theme.muted, fontSize: 11.5, align: 'left', padding: [0, 0, 0, -left + 26] },
        axisLabel: { color: theme.muted, fontSize: 11, formatter: (value: number) => words.percent(value) }, splitLine: { lineStyle: { color: theme.grid } },
      }] : []),
      { type: 'value', gridIndex: 0, min: 0, max: 1, show: false },
    ],
    tooltip: {
      trigger: 'axis', backgroundColor: theme.surface, borderColor: theme.grid, textStyle: { color: theme.ink, fontSize: 12.5 }, confine: true,
      formatter: (raw: unknown) => {
        const index = ((Array.isArray(raw) ? raw[0] : raw) as AxisItem | undefined)?.dataIndex
        if (index === undefined) return ''
        const value = values[index]
        const share = shares[index]
        const path = expected[index]
        const lines = [`<b>${months[index]}</b>`]
        if (typeof value === 'number') lines.push(`${words.value}: <b>${words.number(value)} ${words.unit}</b>`)
        else if (byMonth.has(months[index] ?? '')) lines.push(words[holes[index] ?? 'gap'])
        if (typeof path === 'number') lines.push(`${words.path}: ${words.number(path)} ± ${words.number(tolerance)} ${words.unit}`)
        if (typeof share === 'number') lines.push(`${words.share}: ${words.percent(share)}`)
        return lines.join('<br>')
      },
    },
    series: [
      ...(series.target ? [
        { name: 'low', type: 'line', stack: 'band', xAxisIndex: 0, yAxisIndex: 0, silent: true, symbol: 'none', lineStyle: { opacity: 0 }, data: low },
        { name: words.band, type: 'line', stack: 'band', stackStrategy: 'all', xAxisIndex: 0, yAxisIndex: 0, silent: true, symbol: 'none', lineStyle: { opacity: 0 }, itemStyle: { color: theme.target, opacity: 0.2 }, areaStyle: { color: theme.target, opacity: 0.14 }, data: expected.map((e, i) => (e === null ? null : e + tolerance - low[i]!)) },
        { name: words.path, type: 'line', xAxisIndex: 0, yAxisIndex: 0, silent: true, symbol: 'none', lineStyle: { color: theme.target, width: 1.6, type: [6, 4] }, itemStyle: { color: theme.target }, data: expected },
      ] : []),
      {
        name: words.value, type: bars ? 'bar' : 'line', xAxisIndex: 0, yAxisIndex: 0, connectNulls: false, symbol: 'circle', symbolSize: 7, showSymbol: true, barMaxWidth: 18,
        lineStyle: { width: 2.2, color: theme.value }, itemStyle: { color: theme.value, borderColor: theme.surface, borderWidth: bars ? 0 : 1.5 }, data: values, z: 4,
      },
      ...shades.map((kind) => ({
        name: words[kind], type: 'bar', stack: 'hole', xAxisIndex: hidden, yAxisIndex: hidden, barWidth: '100%', silent: true, z: 1,
        itemStyle: { color: theme.gap, ...(kind === 'noBaseline' ? { opacity: 0.55 } : {}) }, data: holes.map((hole, i) => (hole === kind ? { value: 1, label: { show: !narrow && named(i) } } : null)),
        label: { show: false, position: 'insideTop', opacity: 1, color: theme.muted, fontSize: 11, formatter: words[kind] },
      })),
      ...(hasShares ? [{ name: words.share, type: 'bar', xAxisIndex: 1, yAxisIndex: 1, barMaxWidth: 14, itemStyle: { color: theme.share, borderRadius: [2, 2, 0, 0] }, data: shares }] : []),
    ],
  }
}
