import { describe, expect, it } from 'vitest'
import type { Device } from '@/api/types'
import { alertPoints, boundsOf, joinBoxes, padBox, regionLabels } from '@/map/features'
import { parsePinName, pinName } from '@/map/icons'
import { dayIndex, sceneDays } from '@/map/scenes'
import { buildStyle } from '@/map/style'
import { allLayers, defaultLayers, parseCamera, parseDevicesView, parseMapView, safeNext, writeDevicesView, writeMapView, type MapViewState } from '@/url/viewState'
import { deviceStatus, silentAfterSeconds } from '@/words/devices'
import { verificationFaults } from '@/words/verification'

describe('map view in the address', () => {
  it('is empty for the plain view', () => expect(writeMapView(parseMapView({}))).toEqual({}))
  it('comes back as it was written', () => {
    const view: MapViewState = { alert: 'A1', scene: '2026-04-12', style: 'falsecolour', layers: ['scene', 'parcels'], states: ['resolved'], kind: 'patch', region: '998421101', open: true, mine: true, order: 'likelihood' as const, camera: { lon: 119.4, lat: 31.9, zoom: 13.5 } }
    expect(parseMapView(writeMapView(view))).toEqual(view)
  })
  it('passes over what it does not know', () => {
    expect(parseMapView({ layers: 'scene,nonsense', state: 'firing,x', kind: 'zzz', style: 'x', at: '1,2' })).toMatchObject({ layers: ['scene'], states: ['firing'], kind: 'all', style: 'natural', camera: undefined })
  })
  it.each(['1,2,99', '200,2,3', '1,89,3', 'a,b,c', '', '1,2'])('refuses the camera %s', (text) => expect(parseCamera(text)).toBeUndefined())
  it('keeps the devices view', () => expect(parseDevicesView(writeDevicesView({ thing: 'T1', range: '7d', tab: 'ledger' }))).toEqual({ thing: 'T1', range: '7d', tab: 'ledger' }))
})

describe('safeNext', () => {
  it.each([['/alerts/1?x=2', '/alerts/1?x=2'], ['//evil.example', '/'], ['https://evil.example', '/'], ['/\\evil.example', '/'], [undefined, '/']])('%s', (text, path) => expect(safeNext(text)).toBe(path))
})

describe('boxes', () => {
  it('surround any geometry', () => {
    expect(boundsOf({ type: 'MultiPolygon', coordinates: [[[[1, 2], [3, 2], [3, 5], [1, 2]]], [[[-1, 0], [0, 0], [0, 1], [-1, 0]]]] })).toEqual([-1, 0, 3, 5])
    expect(boundsOf({ type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [9, 9] }, { type: 'Point', coordinates: [8, 10] }] })).toEqual([8, 9, 9, 10])
    expect(boundsOf({ type: 'MultiPoint', coordinates: [] })).toBeUndefined()
    expect(boundsOf(null)).toBeUndefined()
  })
  it('grow and join', () => {
    expect(padBox([0, 0, 2, 2], 0.5)).toEqual([-1, -1, 3, 3])
    expect(padBox([1, 1, 1, 1], 1, 0.2)).toEqual([0.9, 0.9, 1.1, 1.1])
    expect(joinBoxes([undefined, [0, 0, 1, 1], [2, -1, 3, 0]])).toEqual([0, -1, 3, 1])
  })
})

describe('map features', () => {
  it('name a pin by judgement, source, state and acknowledgement, and read it back', () => {
    const pin = { verdict: 'conflict', icon: 'building', state: 'pending', acknowledged: true } as const
    expect(parsePinName(pinName(pin))).toEqual(pin)
    expect(parsePinName('hatch-redLine')).toBeUndefined()
  })
  it('leave out alerts without a place', () => {
    const base = { verdict: 'conflict', state: 'firing', subject: { kind: 'site', id: 's' }, reasons: [] }
    const points = alertPoints([{ ...base, id: 'a', center: [1, 2] }, { ...base, id: 'b' }] as never, 'a')
    expect(points.features.map((f) => f.properties?.['id'])).toEqual(['a'])
    expect(points.features[0]?.properties?.['selected']).toBe(true)
  })
  it('label the towns, not the county round them', () => {
    const region = (code: string) => ({ code, name: code, nameEn: `en${code}`, bbox: [0, 0, 2, 2] as [number, number, number, number] })
    expect(regionLabels([region('998421'), region('998421101')], 'en').features.map((f) => f.properties?.['name'])).toEqual(['en998421101'])
    expect(regionLabels([region('998421')], 'zh').features).toHaveLength(1)
  })
})

describe('buildStyle', () => {
  const scene = { id: 's1', acquiredAt: '2026-05-01T03:00:00Z', receivedAt: '2026-05-01T08:00:00Z', bbox: [0, 0, 1, 1] as [number, number, number, number], gsdMeters: 10, bands: [] }
  const style = (layers: readonly (typeof allLayers)[number][]) => buildStyle({ origin: 'http://here', theme: 'light', layers: new Set(layers), scene: { scenes: [scene], style: 'natural' } })
  it('asks nobody but the own server', () => {
    for (const address of JSON.stringify(style(allLayers)).match(/https?:\/\/[^/"]+/g) ?? []) expect(address).toBe('http://here')
    expect(style(allLayers).glyphs).toBeUndefined()
    expect(style(allLayers).sprite).toBeUndefined()
  })
  it('shows only the layers that are on', () => {
    const ids = style(['regions']).layers.map((layer) => layer.id)
    expect(ids.some((id) => id.startsWith('scene') || id.startsWith('permit') || id.startsWith('alert'))).toBe(false)
    expect(style(defaultLayers).layers.map((layer) => layer.id)).toEqual(expect.arrayContaining(['line-redLine', 'line-farmland', 'line-boundary', 'permit-line', 'alert-point']))
  })
  it('gives every layer a source that exists, and no id twice', () => {
    const built = style(allLayers)
    const ids = built.layers.map((layer) => layer.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const layer of built.layers) if ('source' in layer && typeof layer.source === 'string') expect(Object.keys(built.sources)).toContain(layer.source)
  })
  it('lays a configured base map at the bottom', () => {
    const built = buildStyle({ origin: 'http://here', theme: 'light', layers: new Set(), baseMap: { url: 'http://base/{z}/{x}/{y}', attribution: '天地图', maxZoom: 18 } })
    expect(built.layers[1]?.id).toBe('base')
  })
})

describe('scenes by day', () => {
  const scene = (id: string, acquiredAt: string, cloudCover?: number) => ({ id, acquiredAt, receivedAt: acquiredAt, cloudCover, bbox: [0, 0, 1, 1] as [number, number, number, number], gsdMeters: 10, bands: [] })
  const days = sceneDays([scene('c', '2026-05-03T03:00:00Z', 80), scene('b', '2026-05-01T17:00:00Z', 10), scene('a', '2026-05-01T03:00:00Z', 30), scene('a2', '2026-05-01T03:10:00Z', 10)], 'Asia/Shanghai')
  it('groups in the zone of the reader, ascending, with the mean cloud', () => {
    expect(days.map((d) => [d.day, d.scenes.map((s) => s.id), d.cloudCover])).toEqual([['2026-05-01', ['a2', 'a'], 20], ['2026-05-02', ['b'], 10], ['2026-05-03', ['c'], 80]])
  })
  it('opens at the newest day that shows the ground', () => {
    expect(dayIndex(days, undefined)).toBe(1)
    expect(dayIndex(days, '2026-05-03')).toBe(2)
    expect(dayIndex(days, 'a')).toBe(0)
    expect(dayIndex(days, 'gone')).toBe(1)
    expect(dayIndex([], undefined)).toBe(-1)
  })
})

describe('devices', () => {
  const device = (intervals: (number | null)[], lastReceived: string | null, enabled = true) => ({ enabled, lastReceived, datastreams: intervals.map((expectedIntervalSeconds) => ({ expectedIntervalSeconds })) }) as unknown as Device
  const now = Date.parse('2026-05-01T12:00:00Z')
  it('count as silent after three missed results, never before ten minutes', () => {
    expect(silentAfterSeconds(device([60, 300], null))).toBe(600)
    expect(silentAfterSeconds(device([1800], null))).toBe(5400)
    expect(silentAfterSeconds(device([null], null))).toBe(86_400)
  })
  it.each([['live', '2026-05-01T11:55:00Z', true], ['silent', '2026-05-01T11:49:00Z', true], ['never', null, true], ['disabled', '2026-05-01T11:59:00Z', false]])('are %s', (status, heard, enabled) => expect(deviceStatus(device([60], heard, enabled), now)).toBe(status))
})

describe('verificationFaults', () => {
  const now = Date.parse('2026-05-01T12:00:00Z')
  const good = { outcome: 'illegal' as const, person: '周岚', at: '2026-05-01T11:00:00Z', reason: '看到了', photos: [{ name: 'a.jpg', size: 1000, type: 'image/jpeg' }] }
  it('finds nothing wrong with a whole form', () => expect(verificationFaults(good, now)).toEqual([]))
  it('names each fault', () => expect(verificationFaults({ person: ' ', reason: '', photos: [] }, now).map((f) => f.key)).toEqual(['outcome', 'person', 'at', 'reason']))
  it('wants a photo for an illegal outcome and no time to come', () => expect(verificationFaults({ ...good, at: '2026-05-01T13:00:00Z', photos: [] }, now).map((f) => f.key)).toEqual(['future', 'photoNeeded']))
  it('takes at most ten pictures of ten megabytes', () => {
    expect(verificationFaults({ ...good, photos: Array.from({ length: 11 }, () => good.photos[0]!) }, now).map((f) => f.key)).toEqual(['tooMany'])
    expect(verificationFaults({ ...good, photos: [{ name: 'b', size: 11e6, type: 'image/png' }, { name: 'c', size: 1, type: 'application/pdf' }] }, now).map((f) => f.key)).toEqual(['tooLarge', 'notPicture'])
  })
})
