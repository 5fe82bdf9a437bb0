import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Alert, Reason } from '@/api/types'
import { headline, headlineKey } from '@/words/headline'
import { factsOf, reasonCodes, reasonVariants, reasonWords } from '@/words/reasons'
import { controlLineKind, landUseKey, termFamilies, termKey } from '@/words/terms'
import { cardReasons, whenWords } from '@/words/when'
import { locales, readerOf, translator } from './words'

const samples: Record<string, string> = { person: 'Li', note: '群众举报', patch_area_m2: '1200', patches: '3', fires_from: 'conflict', verdict: 'review',
  area_m2: '2600', area_mu: '3.9', share: '0.871', distance_m: '61.5', permit_no: '建字第1号', valid_from: '2026-04-02', valid_to: '2026-01-31', not_before: '2026-03-28T03:00:00Z', not_after: '2026-04-12T03:00:00Z',
  status: 'applied', control_line: 'JB-01', kind: 'permanent_basic_farmland', outcome: 'permitted_limited_activity', document: '云农规〔2022〕5号', parcel_id: '998421', use_code: '010101', planned_use_code: '1001', score: '0.91',
  ndvi: '-0.41', ndbi: '0.28', bsi: '0', mndwi: '-0.001', count: '46', clear_pixels: '26', property: 'noise_laeq', value: '71.3', limit: '70', unit: 'dB(A)', window_minutes: '20', completeness: '0.95', usual: '3.5', window_hours: '24',
  kwh: '312.4', usual_kwh: '18.2', event: 'concrete_pump', last: '2026-05-01T00:30:00Z', thing: 'T1', target: '10.5', month: '2026-04-01', expected: '8.9', tolerance: '0.25', passes: '2', stage: 'earthworks',
  scene: 'S2A_1', considered: '12', fitting: '4', same_season: 'true', same_sensor: 'false', burden_years: '1.04', why: 'less-suited', how: 'colour pictures of 0.5 m a pixel: scored by the network "n" 1 (CC-BY-4.0).', new: '3', grown: '1', same: '8', not_seen_again: '0', not_observed: '2',
  surveyed_share: '0.98', survey: '2024', lines: 'YN-7', shows: 'greenhouse', certainty: '0.82', code: '0701', source: 'detailed-plan', which: 'floor_area', approved_m2: '1200', height_m: '31.2', height_sd_m: '1.5', max_height_m: '24',
  finding: 'built-before-approval', seen_from: '2025-03-01', lost_m2: '5200', lost_mu: '7.8', gained_m2: '0', gained_mu: '0', from: '2025-06-01', version: '12', project: '厂房',
}
const kindFor: Record<string, string> = { 'change-kind': 'builtUp', 'kind-not-judged': 'vegetation_gain', 'approval-partial': 'land_use', 'approval-insufficient': 'land_supply', 'episode-permitted': 'night_work' }
const sample = (code: (typeof reasonCodes)[number]): Reason => ({
  code, facts: Object.fromEntries(factsOf[code].map((name) => [name, name === 'kind' ? (kindFor[code] ?? samples[name]!) : samples[name]!])),
})

describe.each(locales)('reasonWords in %s', (locale) => {
  const t = translator(locale)
  const words = (reason: Reason) => reasonWords(reason, t, readerOf(locale), { thing: (id) => (id === 'T1' ? '泽口东工地' : undefined) })

  it.each(reasonCodes)('has a phrase and a whole sentence for %s', (code) => {
    const { short, sentence } = words(sample(code))
    expect(short).not.toContain('reason.')
    expect(short).not.toMatch(/[{}]/)
    expect(sentence).not.toMatch(/[{}]/)
    expect(sentence).toMatch(locale === 'zh' ? /。$/ : /\.$/)
    expect(sentence).not.toContain('—')
    if (locale === 'en') expect(sentence).toMatch(/^[A-Z0-9\p{Script=Han}]/u)
  })

  it.each(reasonCodes)('says every fact of %s', (code) => {
    const marked: Reason = { code, facts: Object.fromEntries(factsOf[code].map((name) => [name, `x${name}x`])) }
    const { sentence } = words(marked)
    for (const name of factsOf[code]) expect(sentence.toLowerCase(), name).toContain(`x${name}x`)
  })

  it.each(reasonVariants)('has words for the variant %s', (variant) => {
    expect(t(`reason.${variant}.short`)).not.toContain('reason.')
    expect(t(`reason.${variant}.sentence`)).not.toContain('reason.')
  })

  it('names no lines where no basic farmland is taken', () => {
    for (const lines of [undefined, '']) {
      const facts: Record<string, string> = { area_m2: '0', area_mu: '0', ...(lines === undefined ? {} : { lines }) }
      expect(words({ code: 'occupied-basic-farmland', facts }).sentence).not.toContain('—')
    }
  })

  it('stands a fact that was left out as unknown', () => {
    expect(words({ code: 'limit-exceeded', facts: { property: 'pm10' } }).sentence).toContain('—')
  })

  it('does not lose a reason whose code nobody taught it', () => {
    expect(words({ code: 'new-thing', facts: { a: '1' } }).sentence).toContain('new-thing')
    expect(words({ code: 'new-thing', facts: { a: '1' } }).sentence).toContain('a = 1')
  })
})

describe('reasonWords', () => {
  const t = translator('zh')
  const say = (code: string, facts: Record<string, string>): string => reasonWords({ code, facts }, t, readerOf('zh')).sentence

  it('writes numbers with units and days in the zone of the reader', () => {
    expect(say('no-approval', { area_m2: '12345.6', share: '0.5' })).toBe('变化区间内任何一天都没有有效批准：12,346 m² 未获批准，占图斑面积的 50 %。')
    expect(say('change-interval', { not_before: '2026-03-31T17:00:00Z', not_after: '2026-04-12' })).toContain('2026-04-01 与 2026-04-12')
  })
  it('writes changes with a sign and no minus zero', () => {
    expect(say('index-change', { ndvi: '-0.41', ndbi: '0.283', bsi: '0', mndwi: '-0.001' })).toContain('NDVI −0.41，建筑指数 NDBI +0.28，裸土指数 BSI 0.00，水体指数 MNDWI 0.00')
  })
  it('tells of plants alone where the images had no short-wave infrared', () => {
    expect(say('index-change', { ndvi: '-0.41' })).toBe('植被指数 NDVI 平均变化 −0.41；影像没有短波红外波段，其他指数不可知。')
  })
  it('makes 亩 out of square metres when only those were given', () => {
    expect(say('inside-control-line', { kind: 'ecological_red_line', control_line: 'ST-01', area_m2: '2000' })).toContain('3 亩')
  })
  it('tells apart an approval that covers the patch from one that is only near', () => {
    expect(say('approved', { permit_no: 'P1', share: '1' })).toContain('100 %')
    expect(say('approved', { permit_no: 'P1', kind: 'homestead', distance_m: '120' })).toBe('最近的有效批准是许可 P1（宅基地批准），相距 120 m。')
  })
  it('says in plain words that a camera saw nothing', () => {
    expect(say('camera-event', { event: 'none', count: '0', weight: '-2' })).toBe('摄像头没有看到施工机械。')
  })
  it('tells apart a far approval from none at all', () => {
    expect(say('activity-without-approval', { thing: 'T1', distance_m: '250' })).toContain('250 m')
    expect(say('activity-without-approval', { thing: 'T1', distance_m: '' })).toContain('没有任何有效批准')
  })
})

describe('terms', () => {
  it('know every code in both languages', () => {
    for (const locale of locales) {
      const t = translator(locale)
      for (const [family, codes] of Object.entries(termFamilies)) for (const code of codes) expect(t(`term.${family}.${code}`)).not.toBe(`term.${family}.${code}`)
    }
  })
  it('take both spellings of a code', () => {
    expect(termKey('changeKind', 'built_up')).toBe('term.changeKind.builtUp')
    expect(termKey('deadLetter', 'UnknownDatastream')).toBe('term.deadLetter.unknownDatastream')
    expect(termKey('inputKind', 'change-set')).toBe('term.inputKind.changeSet')
    expect(termKey('property', 'radon')).toBeUndefined()
  })
  it('know the control lines by either name', () => {
    expect(['ecological_red_line', 'ecologicalProtectionRedLine', 'permanent_basic_farmland', 'urbanDevelopmentBoundary', 'x'].map(controlLineKind)).toEqual(['redLine', 'redLine', 'farmland', 'boundary', undefined])
  })
  it('fall back on the parent of a land-use code', () => {
    expect(landUseKey('010103')).toBe('landUse.c0101')
    expect(landUseKey('0899')).toBe('landUse.c08')
    expect(landUseKey('99')).toBeUndefined()
  })
})

const alert = (more: Partial<Alert>): Alert => ({
  id: 'A1', fingerprint: 'f', ruleId: 'building-without-approval', subject: { kind: 'site', id: 'S1' }, state: 'firing', severity: 'major', verdict: 'conflict', score: 0.9, startsAt: '2026-04-12T03:00:00Z', lastHeldAt: '2026-05-02T03:00:00Z',
  findingId: 'f1', reasons: [], findingCount: 1, sequence: 1, ...more,
})
const because = (...codes: string[]): Pick<Alert, 'reasons'> => ({ reasons: codes.map((code) => ({ code, facts: {} })) })

describe('headline', () => {
  it.each([
    ['noApproval', alert(because('no-approval', 'outside-development-boundary'))],
    ['inRedLine', alert({ reasons: [{ code: 'no-approval', facts: {} }, { code: 'inside-control-line', facts: { kind: 'ecological_red_line' } }] })],
    ['inFarmland', alert({ reasons: [{ code: 'inside-control-line', facts: { kind: 'permanent_basic_farmland' } }] })],
    ['outsideApproval', alert(because('outside-approval', 'approved'))],
    ['expiredApproval', alert(because('approval-expired'))],
    ['reviewApproval', alert({ verdict: 'review', ...because('approval-began-in-interval') })],
    ['lineChanged', alert({ ruleId: 'control-line-changed', ...because('control-line-changed') })],
    ['projectUnapproved', alert({ ruleId: 'project-without-approval', ...because('project-outside-approval') })],
    ['otherUse', alert(because('other-use'))],
    ['moreSize', alert(because('approved', 'more-height'))],
    ['redLineChange', alert({ ruleId: 'red-line-change', ...because('inside-control-line') })],
    ['activity', alert({ subject: { kind: 'thing', id: 'T1' } })],
    ['limit', alert({ subject: { kind: 'datastream', id: 'd/noise' } })],
    ['targetBreached', alert({ subject: { kind: 'indicator', id: 'x@1' }, ...because('target-breached') })],
    ['offCourse', alert({ subject: { kind: 'indicator', id: 'x@1' }, ...because('off-course') })],
    ['other', alert({})],
  ])('is %s', (key, about) => {
    expect(headlineKey(about)).toBe(key)
    expect(headline(about, translator('zh'))).toContain('疑似')
  })

  it('states the outcome, and only then leaves the suspicion', () => {
    const about = alert(because('no-approval'))
    expect(headline(about, translator('zh'))).toBe('疑似未批先建')
    expect(headline(about, translator('zh'), 'illegal')).toBe('经核查违法：未批先建')
    expect(headline(about, translator('en'), 'legal')).toContain('lawful')
  })
})

describe('whenWords', () => {
  const t = translator('zh')
  it('gives an interval for what two images show, never a day', () => {
    expect(whenWords(alert({ notBefore: '2026-03-28T03:00:00Z' }), t, readerOf('zh'))).toBe('2026-03-28 ~ 2026-04-12 之间')
  })
  it('gives the time span of what devices measured', () => {
    expect(whenWords(alert({ subject: { kind: 'thing', id: 'T' }, startsAt: '2026-05-01T00:00:00Z', lastHeldAt: '2026-05-01T02:00:00Z' }), t, readerOf('zh'))).toBe('2026-05-01 08:00 ~ 10:00')
  })
})

describe('cardReasons', () => {
  it('leaves out what only supports, unless there is nothing else', () => {
    expect(cardReasons([{ code: 'parcel' }, { code: 'no-approval' }, { code: 'change-kind' }], 1)).toEqual([{ code: 'no-approval' }])
    expect(cardReasons([{ code: 'parcel' }], 2)).toEqual([{ code: 'parcel' }])
  })
  it('gives each kind one line', () => {
    expect(cardReasons([{ code: 'approval-expired', n: 1 }, { code: 'approval-expired', n: 2 }, { code: 'no-approval', n: 3 }], 3)).toEqual([{ code: 'approval-expired', n: 1 }, { code: 'no-approval', n: 3 }])
  })
})

describe('docs/formats/reasons.md', () => {
  it('lists no code that the pages have no words for', () => {
    const page = readFileSync(new URL('../../../../docs/formats/reasons.md', import.meta.url), 'utf8')
    const codes = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map((m) => m[1])
    expect(codes.length).toBeGreaterThan(20)
    for (const code of codes) expect(reasonCodes).toContain(code)
  })
})
