import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Conflict, ConflictReport, ConflictSuggestion } from '@/api/conflicts'
import { geometryOf, readDrawing, withConflicts, writeDrawing } from '@/map/conflicts'
import { changeName, changes, conflictKinds, extent, factWords, kindName, layerName, layerNames, noteCodes, noteWords, suggestionWords, withWords } from '@/words/conflicts'
import { locales, translator } from './words'

const zh = translator('zh')
const conflict: Conflict = {
  id: 'a', kind: 'control_line', rule: 'ecological-red-line', ruleName: '占用生态保护红线', ruleNameEn: 'On the ecological red line', severity: 'critical', weight: 100, subjectKind: 'road', subjectId: 'r',
  with: { layer: 'control-lines', id: 'line', name: '东山' }, areaSquareMeters: 6000, lengthMeters: 300, facts: {}, shape: { type: 'Polygon', coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] },
}
const suggestion: ConflictSuggestion = {
  subjectKind: 'road', subjectId: 'r', change: 'reroute', shape: { type: 'LineString', coordinates: [[0, 0], [1, 1]] }, costBefore: 400, costAfter: 100, totalsBefore: [], totalsAfter: [],
  lengthBefore: 1000, lengthAfter: 1012.4, areaBefore: 20_000, areaAfter: 20_248, movedMeters: 62, leastRadiusMeters: 40, resolutionMeters: 5, reachMeters: 300,
}

describe('words of conflicts', () => {
  it('know every kind and note of the format page, in both languages', () => {
    const page = readFileSync(new URL('../../../../docs/formats/conflicts.md', import.meta.url), 'utf8')
    const section = (title: string): string[] => [...(page.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '').matchAll(/^\| `([\w-]+)` \|/gm)].map((m) => m[1]!)
    expect(section('Kinds').sort()).toEqual([...conflictKinds].sort())
    expect(section('Notes').sort()).toEqual([...noteCodes].sort())
    for (const language of locales) {
      const t = translator(language)
      for (const said of [...conflictKinds.map((k) => kindName(k, t)), ...layerNames.map((k) => layerName(k, t)), ...changes.map((k) => changeName(k, t)), ...noteCodes.map((code) => noteWords({ code, facts: {} }, t))]) expect(said).not.toContain('conflicts.')
    }
    expect(kindName('brand_new', zh)).toBe('brand_new')
  })
  it('say how much, with what, and what was asked', () => {
    expect(extent(conflict, zh, 'zh')).toBe('重叠 6,000 m²（9 亩） · 长 300 m')
    expect(withWords(conflict, zh)).toBe('控制线 东山 line')
    expect(withWords({ with: null }, zh)).toBe('不在任何一个之内')
    expect(factWords({ ...conflict, clearance: { requiredVertical: 0.4, vertical: 0.3, planViewOnly: false } }, zh, 'zh')).toEqual(['垂直净距 0.3 m，应不小于 0.4 m'])
    expect(factWords({ ...conflict, clearance: { requiredVertical: 0.4, horizontal: -0.2, planViewOnly: true } }, zh, 'zh')).toEqual(['埋深不明，仅按平面判断'])
  })
  it('tell what a change gains and what it costs', () => {
    const { gain, facts } = suggestionWords(suggestion, zh, 'zh')
    expect(gain).toBe('冲突代价降 75 %')
    expect(facts).toEqual(['长度 +12 m', '占地 +248 m²', '最大移动 62 m', '最小转弯半径 40 m'])
    expect(suggestionWords({ ...suggestion, costAfter: 0 }, zh, 'zh').gain).toBe('不再有冲突')
  })
})

describe('drawing', () => {
  it('becomes a line from two points, an area from three', () => {
    expect(geometryOf([[1, 2]], false)).toBeUndefined()
    expect(geometryOf([[1, 2], [3, 4]], false)).toEqual({ type: 'LineString', coordinates: [[1, 2], [3, 4]] })
    expect(geometryOf([[1, 2], [3, 4]], true)).toBeUndefined()
    expect(geometryOf([[1, 2], [3, 4], [5, 6]], true)).toEqual({ type: 'Polygon', coordinates: [[[1, 2], [3, 4], [5, 6], [1, 2]]] })
  })
  it('comes back from an address, and nothing else does', () => {
    const points = [[118.123456, 32.5], [118.2, 32.6]]
    expect(readDrawing(writeDrawing(points))).toEqual(points)
    for (const wrong of [undefined, '', '1', '1,2,3', '200,10', 'a,b', Array(101).fill('1,2').join(';')]) expect(readDrawing(wrong)).toBeUndefined()
  })
  it('gives way to what was checked', () => {
    const report: ConflictReport = { rulesVersion: '1', mapVersion: 2, on: '2026-05-01', subjects: [{ kind: 'road', id: 'r', areaSquareMeters: 1, lengthMeters: 1, cost: 1, conflicts: 1, clipped: false, shape: suggestion.shape }], conflicts: [conflict], totals: [], suggestions: [suggestion], notes: [] }
    const style = withConflicts({ version: 8, sources: {}, layers: [] }, { draft: [[0, 0], [1, 1]], area: false, report, chosen: 'a', suggestion })
    const features = (source: string): { properties: Record<string, unknown> }[] => (style.sources[source] as unknown as { data: { features: { properties: Record<string, unknown> }[] } }).data.features
    expect(features('corners')).toHaveLength(0)
    expect(features('conflicts').map((f) => f.properties['selected'])).toEqual([true])
    expect(features('way')).toHaveLength(1)
  })
})
