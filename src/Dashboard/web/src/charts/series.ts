/** The chart of one datastream as a pure function of its series. */
import type { EChartsCoreOption } from 'echarts/core'
import type { LatestObservation, Series } from '@/api/types'
import { ofWallTime, wallTime } from '@/format/time'
import { holes, withGaps } from './gaps'
import type { ChartTheme } from './theme'

export interface SeriesChartWords {
  unit: string
  limit: string
  noData: string
  min: string
  max: string
  completeness: (share: number) => string
  value: (value: number) => string
  event: (code: string) => string
}

export interface SeriesChartInput {
  series: Series
  from: number
  to: number
  timeZone: string
  theme: ChartTheme
  words: SeriesChartWords
  /** A limit that applies, in the series' unit. */
  limit?: number
  /** Times to mark, for example when a warning began. */
  marks?: readonly { t: string; label: string }[]
  live?: LatestObservation
  small?: boolean
}

interface TooltipItem {
  seriesId?: string
  value?: unknown
  axisValue?: unknown
}

const asPair = (value: unknown): [number, number | null] | undefined =>
  Array.isArray(value) && typeof value[0] === 'number' ? [value[0], typeof value[1] === 'number' ? value[1] : null] : undefined

export function seriesOption(input: SeriesChartInput): EChartsCoreOption {
  return input.series.events && input.series.events.length > 0 || input.series.datastream.aggregation === 'none' ? eventOption(input) : valueOption(input)
}

const isMarked = (input: SeriesChartInput): boolean => (input.marks ?? []).some((mark) => Date.parse(mark.t) >= input.from && Date.parse(mark.t) <= input.to)

function frame(input: SeriesChartInput): { grid: object; xAxis: object } {
  const { theme, timeZone } = input
  const marked = isMarked(input)
  return {
    grid: input.small ? { left: 44, right: 12, top: marked ? 24 : 12, bottom: 24 } : { left: 52, right: 18, top: marked ? 26 : 14, bottom: 28 },
    xAxis: {
      type: 'time', min: wallTime(input.from, timeZone), max: wallTime(input.to, timeZone),
      axisLine: { lineStyle: { color: theme.grid } }, axisTick: { show: false }, splitLine: { show: false },
      axisLabel: { color: theme.muted, fontSize: 11, hideOverlap: true, formatter: { day: '{MM}-{dd}', month: '{yyyy}-{MM}', year: '{yyyy}', hour: '{HH}:{mm}', minute: '{HH}:{mm}', second: '{HH}:{mm}:{ss}' } },
      splitNumber: input.small ? 4 : 6,
    },
  }
}

const tooltipLook = (theme: ChartTheme): object => ({
  backgroundColor: theme.surface, borderColor: theme.grid, textStyle: { color: theme.ink, fontSize: 12.5 }, confine: true,
})

function markLines(input: SeriesChartInput): object | undefined {
  const { theme, timeZone } = input
  const data: object[] = []
  if (input.limit !== undefined) {
    data.push({ yAxis: input.limit, lineStyle: { color: theme.limit, type: 'dashed', width: 1.4 }, label: { formatter: input.words.limit, color: theme.limit, position: 'insideEndTop', fontSize: 11, backgroundColor: theme.surface, padding: [2, 4], borderRadius: 3 } })
  }
  for (const mark of input.marks ?? []) {
    const t = Date.parse(mark.t)
    if (t < input.from || t > input.to) continue
    data.push({ xAxis: wallTime(t, timeZone), lineStyle: { color: theme.event, type: 'solid', width: 1.2 }, label: { formatter: mark.label, color: theme.event, fontSize: 11, position: 'end', rotate: 0 } })
  }
  return data.length > 0 ? { symbol: 'none', silent: true, animation: false, data } : undefined
}

function valueOption(input: SeriesChartInput): EChartsCoreOption {
  const { series, theme, timeZone, words } = input
  const points = withGaps(series.points ?? [], series.bucketSeconds, series.datastream.expectedIntervalSeconds)
  const at = (t: number): number => wallTime(t, timeZone)
  const bars = series.datastream.aggregation === 'sum'
  const gaps = holes(series.points ?? [], series.bucketSeconds, series.datastream.expectedIntervalSeconds, input.from, input.to)
  const detail = new Map(points.map((point) => [at(point.t), point]))
  const top = Math.max(...points.map((p) => p.max ?? p.value ?? -Infinity), input.live?.number ?? -Infinity)
  const list: object[] = []
  if (!bars) {
    list.push(
      { id: 'low', type: 'line', stack: 'band', silent: true, symbol: 'none', lineStyle: { opacity: 0 }, areaStyle: { opacity: 0 }, data: points.map((p) => [at(p.t), p.min]), tooltip: { show: false }, animation: false },
      { id: 'range', type: 'line', stack: 'band', stackStrategy: 'all', silent: true, symbol: 'none', lineStyle: { opacity: 0 }, areaStyle: { color: theme.band, opacity: 0.13 }, data: points.map((p) => [at(p.t), p.min === null || p.max === null ? null : p.max - p.min]), tooltip: { show: false }, animation: false },
    )
  }
  list.push({
    id: 'value', type: bars ? 'bar' : 'line', data: points.map((p) => [at(p.t), p.value]), connectNulls: false, showSymbol: points.length < 3, symbol: 'circle', symbolSize: 5,
    barMaxWidth: 14, lineStyle: { width: 1.8, color: theme.value }, itemStyle: { color: theme.value, borderRadius: bars ? [2, 2, 0, 0] : 0 }, animation: false,
    markLine: markLines(input),
    markArea: gaps.length > 0 ? { silent: true, itemStyle: { color: theme.gap, opacity: 0.9 }, data: gaps.map(([a, b]) => [{ xAxis: at(a) }, { xAxis: at(b) }]) } : undefined,
    z: 3,
  })
  if (typeof input.live?.number === 'number' && !bars && Date.parse(input.live.time) >= input.from) {
    list.push({ id: 'live', type: 'scatter', data: [[at(Date.parse(input.live.time)), input.live.number]], symbolSize: 9, itemStyle: { color: theme.value, borderColor: theme.surface, borderWidth: 2 }, z: 5, animation: false, silent: true })
  }
  return {
    useUTC: true, animation: false, ...frame(input),
    yAxis: {
      type: 'value', scale: !bars, splitNumber: 3, max: input.limit !== undefined && Number.isFinite(top) && top < input.limit ? Math.ceil(input.limit * 1.08) : undefined,
      axisLabel: { color: theme.muted, fontSize: 11 }, splitLine: { lineStyle: { color: theme.grid } }, minInterval: bars ? 1 : undefined,
    },
    tooltip: {
      trigger: 'axis', ...tooltipLook(theme),
      formatter: (raw: unknown) => {
        const items = (Array.isArray(raw) ? raw : [raw]) as TooltipItem[]
        const pair = asPair(items.find((item) => item.seriesId === 'value')?.value)
        if (!pair) return ''
        const [t, value] = pair
        const point = detail.get(t)
        if (value === null || !point) return `${ofWallTime(t)}<br>${words.noData}`
        const lines = [ofWallTime(t), `<b>${words.value(value)} ${words.unit}</b>`]
        if (!bars && point.min !== null && point.max !== null) lines.push(`${words.min} ${words.value(point.min)}, ${words.max} ${words.value(point.max)}`)
        if (typeof point.completeness === 'number') lines.push(words.completeness(point.completeness))
        return lines.join('<br>')
      },
    },
    series: list,
  }
}

/** Categories as marks in one lane each. */
function eventOption(input: SeriesChartInput): EChartsCoreOption {
  const { theme, timeZone, words } = input
  const events = (input.series.events ?? []).filter((event) => event.text !== 'none')
  const lanes = [...new Set(events.map((event) => event.text))].sort()
  return {
    useUTC: true, animation: false, ...frame(input), grid: { left: input.small ? 84 : 92, right: 14, top: isMarked(input) ? 24 : 10, bottom: 26 },
    yAxis: { type: 'category', data: lanes.map((lane) => words.event(lane)), axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: theme.ink, fontSize: 11.5 }, splitLine: { show: true, lineStyle: { color: theme.grid } } },
    tooltip: {
      trigger: 'item', ...tooltipLook(theme),
      formatter: (raw: unknown) => {
        const value = (raw as { value?: unknown }).value
        return Array.isArray(value) && typeof value[0] === 'number' ? `${ofWallTime(value[0])}<br><b>${String(value[1])}</b>` : ''
      },
    },
    series: [{ id: 'value', type: 'scatter', symbol: 'diamond', symbolSize: 11, itemStyle: { color: theme.event, opacity: 0.9 }, data: events.map((event) => [wallTime(event.t, timeZone), words.event(event.text)]), markLine: markLines({ ...input, limit: undefined }) }],
  }
}
