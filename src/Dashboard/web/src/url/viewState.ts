/** The state of the situation map as it stands in the address: shareable, and the back button works. */
import type { AlertState, SceneStyle } from '@/api/types'

export type LayerId = 'scene' | 'regions' | 'redLine' | 'farmland' | 'boundary' | 'permits' | 'parcels' | 'patches' | 'risk' | 'alerts' | 'devices'
export const allLayers: readonly LayerId[] = ['scene', 'regions', 'redLine', 'farmland', 'boundary', 'permits', 'parcels', 'patches', 'risk', 'alerts', 'devices']
export const defaultLayers: readonly LayerId[] = ['scene', 'regions', 'redLine', 'farmland', 'boundary', 'permits', 'alerts']

export const allStates: readonly AlertState[] = ['firing', 'pending', 'resolved']
export const defaultStates: readonly AlertState[] = ['firing', 'pending']

export type KindFilter = 'all' | 'patch' | 'activity' | 'limit' | 'indicator'
export const allKinds: readonly KindFilter[] = ['all', 'patch', 'activity', 'limit', 'indicator']

export interface Camera {
  lon: number
  lat: number
  zoom: number
}

export interface MapViewState {
  alert?: string
  scene?: string
  style: SceneStyle
  layers: LayerId[]
  states: AlertState[]
  kind: KindFilter
  region?: string
  /** Only those nobody has acknowledged. */
  open: boolean
  /** Only those given to the reader. */
  mine: boolean
  /** What stands first in the list. */
  order: 'newest' | 'likelihood'
  camera?: Camera
}

export type QueryRecord = Record<string, string | (string | null)[] | null | undefined>

const one = (value: QueryRecord[string]): string | undefined => {
  const first = Array.isArray(value) ? value[0] : value
  return first ?? undefined
}

function listOf<T extends string>(text: string | undefined, known: readonly T[], otherwise: readonly T[]): T[] {
  if (text === undefined) return [...otherwise]
  const wanted = new Set(text.split(','))
  return known.filter((item) => wanted.has(item))
}

/** `lon,lat,zoom` with both degrees in range, else undefined. */
export function parseCamera(text: string | undefined): Camera | undefined {
  const numbers = text?.split(',').map(Number) ?? []
  const [lon, lat, zoom] = numbers
  if (numbers.length !== 3 || lon === undefined || lat === undefined || zoom === undefined) return undefined
  if (!numbers.every(Number.isFinite) || Math.abs(lon) > 180 || Math.abs(lat) > 85.06 || zoom < 0 || zoom > 24) return undefined
  return { lon, lat, zoom }
}

export function writeCamera(camera: Camera): string {
  return `${camera.lon.toFixed(5)},${camera.lat.toFixed(5)},${camera.zoom.toFixed(2)}`
}

export function parseMapView(query: QueryRecord): MapViewState {
  const kind = one(query['kind'])
  return {
    alert: one(query['alert']) || undefined,
    scene: one(query['scene']) || undefined,
    style: one(query['style']) === 'falsecolour' ? 'falsecolour' : 'natural',
    layers: listOf(one(query['layers']), allLayers, defaultLayers),
    states: listOf(one(query['state']), allStates, defaultStates),
    kind: allKinds.find((known) => known === kind) ?? 'all',
    region: one(query['region']) || undefined,
    open: one(query['open']) === '1',
    mine: one(query['mine']) === '1',
    order: one(query['order']) === 'likelihood' ? 'likelihood' : 'newest',
    camera: parseCamera(one(query['at'])),
  }
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((item) => b.includes(item))

/** Only what differs from the defaults, so that the plain address stays plain. */
export function writeMapView(view: MapViewState): Record<string, string> {
  const query: Record<string, string> = {}
  if (view.alert) query['alert'] = view.alert
  if (view.scene) query['scene'] = view.scene
  if (view.style !== 'natural') query['style'] = view.style
  if (!same(view.layers, defaultLayers)) query['layers'] = allLayers.filter((layer) => view.layers.includes(layer)).join(',')
  if (!same(view.states, defaultStates)) query['state'] = allStates.filter((state) => view.states.includes(state)).join(',')
  if (view.kind !== 'all') query['kind'] = view.kind
  if (view.region) query['region'] = view.region
  if (view.open) query['open'] = '1'
  if (view.mine) query['mine'] = '1'
  if (view.order !== 'newest') query['order'] = view.order
  if (view.camera) query['at'] = writeCamera(view.camera)
  return query
}

/** A path of this site to go to after signing in; anything else becomes the start page. */
export function safeNext(text: string | undefined): string {
  return text !== undefined && /^\/(?![/\\])/.test(text) ? text : '/'
}

export type RangeId = '1h' | '6h' | '24h' | '7d' | '30d'
export const allRanges: readonly RangeId[] = ['1h', '6h', '24h', '7d', '30d']

export interface DevicesViewState {
  thing?: string
  range: RangeId
  tab: 'devices' | 'ledger'
}

export function parseDevicesView(query: QueryRecord): DevicesViewState {
  const range = one(query['range'])
  return {
    thing: one(query['thing']) || undefined,
    range: allRanges.find((known) => known === range) ?? '6h',
    tab: one(query['tab']) === 'ledger' ? 'ledger' : 'devices',
  }
}

export function writeDevicesView(view: DevicesViewState): Record<string, string> {
  const query: Record<string, string> = {}
  if (view.thing) query['thing'] = view.thing
  if (view.range !== '6h') query['range'] = view.range
  if (view.tab !== 'devices') query['tab'] = view.tab
  return query
}
