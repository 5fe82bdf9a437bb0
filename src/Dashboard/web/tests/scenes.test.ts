import { describe, expect, it } from 'vitest'
import { byName, openingBox } from '@/map/features'
import { palette } from '@/map/palette'
import { buildStyle } from '@/map/style'
import { reasonWords } from '@/words/reasons'
import { siteKindOf } from '@/words/siteKind'
import { termFamilies, termKey } from '@/words/terms'
import { locales, readerOf, translator } from './words'

describe('siteKindOf', () => {
  it('names the surest kind from the least certainty on, and the next ones', () => {
    expect(siteKindOf({ certainty_building: 0.62, certainty_road: 0.2, certainty_other: 0.38, ndvi: -0.3 })).toEqual({ kind: 'building', certainty: 0.62, others: [{ kind: 'road', certainty: 0.2 }] })
  })
  it('says that it cannot be told rather than name an unsure kind', () => {
    expect(siteKindOf({ certainty_earthworks: 0.3, certainty_other: 0.7, kind_cannot_be_told: 1 })).toEqual({ kind: 'cannotTell', others: [{ kind: 'earthworks', certainty: 0.3 }] })
  })
  it('falls back on other where all could have been seen', () => {
    expect(siteKindOf({ certainty_building: 0.34, certainty_other: 0.66 })?.kind).toBe('other')
  })
  it('has no opinion where the detector gave none', () => {
    expect(siteKindOf({ seen_in_passes: 3 })).toBeUndefined()
    expect(siteKindOf(undefined)).toBeUndefined()
  })
  it.each(locales)('has a word for every kind in %s', (locale) => {
    for (const kind of termFamilies.siteKind) expect(translator(locale)(termKey('siteKind', kind)!)).not.toContain('term.')
  })
})

describe('why a baseline was chosen', () => {
  it('is said in plain words', () => {
    const reason = { code: 'baseline-chosen', facts: { scene: 'S1', considered: '5', fitting: '2', same_season: 'true', same_sensor: 'false', burden_years: '1.04' } }
    expect(reasonWords(reason, translator('zh'), readerOf('zh')).sentence).toBe('与 S1 比对：考虑了 5 景较早影像，2 景合用；所选影像季节相同、传感器不同，折合间隔 1.04 年（越短越合适）。')
    expect(reasonWords({ code: 'no-baseline', facts: { why: 'series-watches', considered: '9' } }, translator('en'), readerOf('en')).sentence).toBe('No pair was compared: passes are frequent and the series watches (scenes considered: 9).')
  })
})

describe('the opening of the map', () => {
  const bbox = [118, 32, 119, 33] as [number, number, number, number]
  it('is what the newest image shows of the regions', () => {
    expect(openingBox({ bbox, newestScene: { bbox: [118.5, 31, 120, 32.5] } })).toEqual([118.5, 32, 119, 32.5])
    expect(openingBox({ bbox })).toEqual(bbox)
    expect(openingBox({ bbox, newestScene: { bbox: [2, 48, 3, 49] } })).toEqual([2, 48, 3, 49])
  })
  it('lists regions by name', () => {
    const regions = [{ code: '2', name: '云泽', nameEn: 'Yunze', bbox }, { code: '3', name: '白沙', nameEn: 'Zhaosha', bbox }]
    expect(byName(regions, 'zh').map((r) => r.code)).toEqual(['3', '2'])
    expect(byName(regions, 'en').map((r) => r.code)).toEqual(['2', '3'])
  })
})

describe('fates on the map', () => {
  it('differ in colour, and the kinds of line say the same again', () => {
    const spec = buildStyle({ origin: '', theme: 'light', layers: new Set(), fates: { type: 'FeatureCollection', features: [] } })
    expect(spec.layers.filter((layer) => layer.id.startsWith('fate-line')).map((layer) => (layer.paint as Record<string, unknown>)['line-dasharray'])).toEqual([undefined, [3, 1.2], [1.2, 1.2]])
    expect(new Set(Object.values(palette.fate)).size).toBe(5)
  })
})
