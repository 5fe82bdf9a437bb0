/** Pictures of a model: stated against seen, precision over recall. Pure. */
import type { EChartsCoreOption } from 'echarts/core'
import type { ModelDetails } from '@/api/models'
import type { ChartTheme } from './theme'

export interface ModelChartWords {
  stated: string
  seen: string
  ideal: string
  recall: string
  precision: string
  base: string
  percent: (share: number) => string
}

const axis = (theme: ChartTheme, name: string, percent: (share: number) => string, max: number): object => ({
  type: 'value', min: 0, max, name, nameLocation: 'middle', nameGap: 30, nameTextStyle: { color: theme.muted, fontSize: 12 },
  axisLabel: { color: theme.muted, fontSize: 11.5, formatter: percent }, splitLine: { lineStyle: { color: theme.grid } }, axisLine: { lineStyle: { color: theme.grid } },
})

/** The axes end where the points do, so that small probabilities are seen; both alike, so that the diagonal is the ideal. */
export function calibrationEnd(points: ModelDetails['calibration']): number {
  const top = Math.max(0.05, ...points.map((p) => Math.max(p.stated, p.seen)))
  return Math.min(1, Math.ceil(top * 10) / 10)
}

export function calibrationOption(points: ModelDetails['calibration'], theme: ChartTheme, words: ModelChartWords): EChartsCoreOption {
  const end = calibrationEnd(points)
  const heaviest = Math.max(1e-9, ...points.map((p) => p.weight))
  return {
    animation: false,
    grid: { left: 58, right: 18, top: 16, bottom: 48 },
    xAxis: axis(theme, words.stated, words.percent, end),
    yAxis: { ...axis(theme, words.seen, words.percent, end), nameGap: 42 },
    tooltip: {
      trigger: 'item', confine: true, backgroundColor: theme.surface, borderColor: theme.grid, textStyle: { color: theme.ink, fontSize: 12.5 },
      formatter: (raw: unknown) => {
        const value = (raw as { value?: number[] } | undefined)?.value
        return value ? `${words.stated} ${words.percent(value[0] ?? 0)}<br>${words.seen} <b>${words.percent(value[1] ?? 0)}</b>` : ''
      },
    },
    series: [
      { name: words.ideal, type: 'line', silent: true, symbol: 'none', data: [[0, 0], [end, end]], lineStyle: { color: theme.target, width: 1.4, type: [6, 4] } },
      {
        name: words.seen, type: 'line', data: points.map((p) => [p.stated, p.seen, p.weight]), symbol: 'circle', showSymbol: true,
        symbolSize: (value: number[]) => 6 + 8 * Math.sqrt((value[2] ?? 0) / heaviest), lineStyle: { color: theme.value, width: 2 }, itemStyle: { color: theme.value, borderColor: theme.surface, borderWidth: 1.5 },
      },
    ],
  }
}

export function recallOption(points: ModelDetails['precisionRecall'], rate: number, theme: ChartTheme, words: ModelChartWords): EChartsCoreOption {
  return {
    animation: false,
    grid: { left: 58, right: 18, top: 16, bottom: 48 },
    xAxis: axis(theme, words.recall, words.percent, 1),
    yAxis: { ...axis(theme, words.precision, words.percent, 1), nameGap: 42 },
    tooltip: {
      trigger: 'axis', confine: true, backgroundColor: theme.surface, borderColor: theme.grid, textStyle: { color: theme.ink, fontSize: 12.5 },
      formatter: (raw: unknown) => {
        const value = ((Array.isArray(raw) ? raw[0] : raw) as { value?: number[] } | undefined)?.value
        return value ? `${words.recall} ${words.percent(value[0] ?? 0)}<br>${words.precision} <b>${words.percent(value[1] ?? 0)}</b>` : ''
      },
    },
    series: [
      { name: words.precision, type: 'line', data: points.map((p) => [p.recall, p.precision]), symbol: 'none', lineStyle: { color: theme.value, width: 2.2 }, itemStyle: { color: theme.value } },
      { name: words.base, type: 'line', silent: true, symbol: 'none', data: [[0, rate], [1, rate]], lineStyle: { color: theme.target, width: 1.4, type: [6, 4] } },
    ],
  }
}
