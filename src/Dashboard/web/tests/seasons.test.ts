import { describe, expect, it } from 'vitest'
import type { AlertChange, IndicatorDefinition } from '@/api/types'
import { degrees } from '@/format/number'
import { surroundings } from '@/map/features'
import { indicatorName, indicatorOf } from '@/words/indicators'
import { seasonBreakOf } from '@/words/seasonBreak'
import { timelineOf } from '@/words/timeline'

describe('seasonBreakOf', () => {
  const facts = { break_after_unix_day: 20_482, break_by_unix_day: 20_488, break_probability: 0.9999, break_share: 0.917 }
  it('gives the days between which the season broke', () => {
    expect(seasonBreakOf({ ...facts, clear_pixels: 29 })).toEqual({ after: '2026-01-29', by: '2026-02-04', share: 0.917, probability: 0.9999 })
  })
  it('says nothing where no model broke or a part is missing', () => {
    expect(seasonBreakOf({ seen_in_passes: 3 })).toBeUndefined()
    expect(seasonBreakOf({ break_after_unix_day: 20_482, break_by_unix_day: 20_488 })).toBeUndefined()
    expect(seasonBreakOf(undefined)).toBeUndefined()
  })
})

describe('timelineOf', () => {
  const change = (sequence: number, kind: AlertChange['kind'], note: string | null = null): AlertChange =>
    ({ sequence, kind, at: `2026-05-${String(sequence).padStart(2, '0')}T00:00:00Z`, actor: 'system', note }) as AlertChange
  it('makes one entry of new findings that follow one another, newest first', () => {
    const entries = timelineOf([change(1, 'fired'), change(2, 'updated'), change(3, 'updated'), change(4, 'updated')])
    expect(entries.map((e) => [e.change.sequence, e.count, e.from.slice(8, 10)])).toEqual([[4, 3, '02'], [1, 1, '01']])
  })
  it('keeps what people did, and what has a note, apart', () => {
    const entries = timelineOf([change(1, 'updated'), change(2, 'acknowledged'), change(3, 'updated'), change(4, 'updated', 'seen')])
    expect(entries.map((e) => [e.change.sequence, e.count])).toEqual([[4, 1], [3, 1], [2, 1], [1, 1]])
  })
})

describe('the indicator of a warning', () => {
  const definition = { code: 'sensed', name: '基本农田内建成覆盖（遥感代理）', nameEn: 'Built on farmland (proxy)', proxy: true } as IndicatorDefinition
  it('is named without the mark that stands beside it', () => {
    expect(indicatorName(definition, 'zh')).toBe('基本农田内建成覆盖')
    expect(indicatorName(definition, 'en')).toBe('Built on farmland')
  })
  it('is taken from the subject, for warnings of targets alone', () => {
    expect(indicatorOf({ subject: { kind: 'indicator', id: 'sensed@998421' }, ruleId: 'indicator-target' })).toEqual({ code: 'sensed', region: '998421' })
    expect(indicatorOf({ subject: { kind: 'indicator', id: 'violations' }, ruleId: 'model-drift' })).toBeUndefined()
    expect(indicatorOf({ subject: { kind: 'site', id: 'a@b' }, ruleId: 'indicator-target' })).toBeUndefined()
  })
})

describe('places', () => {
  it('have both coordinates to the same decimals', () => {
    expect([degrees(32.33128, 'zh'), degrees(119.9529, 'zh'), degrees(-7, 'en')]).toEqual(['32.33128', '119.95290', '-7.00000'])
  })
  it('are looked at in at least eighty pixels of the image, and never less than about 300 m', () => {
    const across = (gsd: number | undefined): number => {
      const [west, , east] = surroundings([119, 32, 119.0004, 32.0004], gsd)
      return (east - west) * 111_320
    }
    expect(across(10)).toBeCloseTo(800, 0)
    expect(across(0.5)).toBeCloseTo(356, 0)
    expect(across(undefined)).toBeCloseTo(356, 0)
  })
})
