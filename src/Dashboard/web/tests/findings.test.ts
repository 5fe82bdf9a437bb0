import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { describe, expect, it } from 'vitest'
import type { Alert, IndicatorSeries, IndicatorValue } from '@/api/types'
import { hasObservableShare, holeOf, indicatorOption } from '@/charts/indicator'
import { chartThemes } from '@/charts/theme'
import { cardVerdict, clueOf } from '@/words/headline'
import { unitText } from '@/words/reasons'
import { MOST_PHOTO_BYTES, photoFault, pictureType } from '@/words/verification'
import { translator } from './words'
import { zh } from '@/i18n/zh'
import { en } from '@/i18n/en'

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer])

const value = (month: string, amount: number | null, observableShare: number | null): IndicatorValue => ({ month, value: amount, observableShare, computedAt: '2026-05-01T00:00:00Z' }) as IndicatorValue
const words = { value: 'V', share: 'S', path: 'P', band: 'B', unit: 'cases', gap: 'not observed', noBaseline: 'no baseline yet', number: String, percent: String }
const seriesOf = (unit: string, values: IndicatorValue[]): IndicatorSeries => ({
  definition: { code: 'x', system: 'own', definitionVersion: '1', name: 'x', nameEn: 'x', unit, direction: 'informative', binding: false, proxy: false }, region: '998421', values,
}) as IndicatorSeries

describe('months without a value', () => {
  const values = [value('2025-12-01', null, 0), value('2026-01-01', null, 0.8), value('2026-02-01', 3, 0.9), value('2026-03-01', null, 0.2), value('2026-04-01', null, null)]
  it.each([[0, 'gap'], [1, 'noBaseline'], [3, 'gap'], [4, 'gap']] as const)('month %s is %s', (i, kind) => expect(holeOf(values, values[i]!)).toBe(kind))
  it('have no baseline while there is no value at all', () => expect(holeOf([values[1]!], values[1]!)).toBe('noBaseline'))
})

describe('the chart of an indicator with a target', () => {
  interface Drawn { name: string; data: (number | null | { label: { show: boolean } })[] }
  const drawn = (amounts: (number | null)[], base: number): Drawn[] => {
    const months = amounts.map((amount, i) => value(`2026-0${i + 1}-01`, amount, 0.9))
    const target = { baseDate: '2026-01-01', baseValue: base, targetDate: '2027-01-01', targetValue: base, tolerance: 5 }
    return indicatorOption({ ...seriesOf('m2', months), target } as IndicatorSeries, chartThemes.light, words, false)['series'] as Drawn[]
  }
  it('names a run of months without a baseline once, in its middle', () => {
    const shades = drawn([null, null, null, 3, 4], 0).find((s) => s.name === words.noBaseline)!.data
    expect(shades.slice(0, 4).map((item) => (item as { label?: { show: boolean } } | null)?.label?.show)).toEqual([false, true, false, undefined])
  })
  it('has no tolerance under nothing, unless values lie there', () => {
    expect(drawn([3, 4], 0).find((s) => s.name === 'low')!.data[0]).toBe(0)
    expect(drawn([3, 4], 0).find((s) => s.name === words.band)!.data[0]).toBe(5)
    expect(drawn([3, -4], 0).find((s) => s.name === 'low')!.data[0]).toBe(-5)
    expect(drawn([3, -4], 0).find((s) => s.name === words.band)!.data[0]).toBe(10)
  })
})

describe('the chart of counted cases', () => {
  const counted = seriesOf('1', [value('2026-01-01', null, null), value('2026-02-01', 1, null), value('2026-03-01', 0, null)])
  it('knows that there is no observable share', () => {
    expect(hasObservableShare(counted.values)).toBe(false)
    expect(hasObservableShare([value('2026-01-01', 1, 0)])).toBe(true)
  })
  it.each([false, true])('draws a bar for one case beside a month without a value, narrow %s', (narrow) => {
    const chart = init(null, undefined, { renderer: 'svg', ssr: true, width: 600, height: 340 })
    chart.setOption(indicatorOption(counted, chartThemes.light, words, narrow))
    interface Model { getSeries: () => { name: string; getData: () => { getItemLayout: (i: number) => { width: number; height: number } } }[] }
    const model = (chart as unknown as { getModel: () => Model }).getModel()
    const bar = model.getSeries().find((s) => s.name === 'V')!.getData().getItemLayout(1)
    expect(Math.abs(bar.width)).toBeGreaterThan(8)
    expect(Math.abs(bar.height)).toBeGreaterThan(50)
    chart.dispose()
  })
})

describe('a photo', () => {
  const bytes = (...head: number[]): Uint8Array<ArrayBuffer> => new Uint8Array([...head, ...Array<number>(12).fill(0)])
  it.each([
    ['image/jpeg', [0xff, 0xd8, 0xff, 0xe0]], ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
    ['image/webp', [0x52, 0x49, 0x46, 0x46, 1, 2, 3, 4, 0x57, 0x45, 0x42, 0x50]], [undefined, [0x25, 0x50, 0x44, 0x46]], [undefined, []],
  ] as const)('is %s by its first bytes', (type, head) => expect(pictureType(bytes(...head))).toBe(type))
  it('is refused when chosen if it only calls itself a picture', async () => {
    expect(await photoFault(new File(['not a picture at all'], 'p.jpg', { type: 'image/jpeg' }))).toEqual({ field: 'photos', key: 'notPicture', name: 'p.jpg' })
    expect(await photoFault(new File([bytes(0xff, 0xd8, 0xff)], 'p.jpg', { type: 'image/jpeg' }))).toBeUndefined()
    expect((await photoFault({ name: 'p.jpg', size: MOST_PHOTO_BYTES + 1, slice: () => new Blob() }))?.key).toBe('tooLarge')
    expect((await photoFault(new File([], 'empty.png')))?.key).toBe('notPicture')
  })
})

describe('words', () => {
  it('say of an indicator that it comes from imagery, not from the ground', () => {
    expect(clueOf('indicator')).toBe('clue.indicator')
    expect(clueOf('thing')).toBe('clue.ground')
    expect(clueOf('datastream')).toBe('clue.ground')
    expect(clueOf('site')).toBe('clue.title')
    for (const dictionary of [zh, en]) expect(dictionary.evidence.noPairIndicator).toMatch(/影像|satellite images/)
  })
  it('print areas with a raised two', () => expect(['m2', 'km2', '1', '%', 'dB(A)'].map(unitText)).toEqual(['m²', 'km²', '', '%', 'dB(A)']))
  it('say that nothing is approved within the distance', () => {
    expect(en.reason['activity-without-approval'].short).toBe('no approval in force within {distance_m}')
    expect(zh.reason['activity-without-approval'].short).toBe('{distance_m} 内没有有效批准')
  })
  it('name the second press', () => expect([zh.act.confirmSubmit, en.act.confirmSubmit]).toEqual(['确认认定违法', 'Confirm: unlawful']))
})

describe('the card of a warning', () => {
  const alert: Alert = {
    id: 'a', fingerprint: 'a', ruleId: 'r', subject: { kind: 'site', id: 'a' }, state: 'firing', severity: 'major', verdict: 'conflict', score: 1,
    startsAt: '2026-05-01T00:00:00Z', lastHeldAt: '2026-05-01T00:00:00Z', findingId: 'f', reasons: [], findingCount: 1, sequence: 1,
  }
  const ended = { ...alert, state: 'resolved', resolveReason: 'humanOutcome' } as const
  const say = (about: Alert): string => cardVerdict(about, translator('zh')).join(' · ')
  it('says the suspicion until somebody was there', () => expect(say(alert)).toBe('疑似冲突 · 待处理'))
  it.each([['legal', '合法'], ['illegal', '违法'], ['other', '其他']] as const)('says the outcome %s and no suspicion', (outcome, words) => expect(say({ ...ended, outcome })).toBe(`${words} · 已现场核查`))
  it('says no suspicion when it came live without the outcome', () => expect(say(ended)).toBe('已现场核查'))
})
