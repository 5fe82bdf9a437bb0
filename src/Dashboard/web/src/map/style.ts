/** The map's styles as pure functions: what is shown follows from the view alone. No glyph server: text is drawn by the browser. */
import type { ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl'
import type { FeatureCollection } from 'geojson'
import { addresses } from '@/api/client'
import type { BaseMap, MapLayerName, SceneStyle, SceneSummary } from '@/api/types'
import type { LayerId } from '@/url/viewState'
import { controlLineCodes, type ControlLineKind } from '@/words/terms'
import { empty } from './features'
import { mapThemes, palette } from './palette'

/** Fonts of the reader's system, with those that have Chinese characters. */
export const MAP_FONTS = ['PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', 'sans-serif']

export interface MapScene {
  scenes: readonly SceneSummary[]
  style: SceneStyle
}

export interface StyleInput {
  baseMap?: BaseMap | null
  origin: string
  theme: 'light' | 'dark'
  layers: ReadonlySet<LayerId>
  scene?: MapScene
  alertAreas?: FeatureCollection
  alertPoints?: FeatureCollection
  regionLabels?: FeatureCollection
  devices?: FeatureCollection
  /** Parcels of the risk map: property `level`, 1 to 4. */
  risk?: FeatureCollection
  /** Plan features given with an alert instead of the tiles. */
  plan?: { controlLines: FeatureCollection; permits: FeatureCollection; parcels: FeatureCollection }
  patches?: FeatureCollection
  /** Patches by fate between two versions of a detector: property `fate` and `selected`. */
  fates?: FeatureCollection
  /** Outlines of alerts without fill, so that the image below is seen as it is. */
  bareAreas?: boolean
}

const verdictColour: ExpressionSpecification = [
  'match', ['get', 'verdict'],
  'conflict', palette.verdict.conflict, 'review', palette.verdict.review, 'compliant', palette.verdict.compliant,
  'ended', '#8b94a0', palette.verdict.notJudged,
]

const lineKinds: readonly ControlLineKind[] = ['farmland', 'boundary', 'redLine']

const dashes: Record<ControlLineKind, number[] | undefined> = { redLine: [5, 2, 1, 2], farmland: [1.2, 1.2], boundary: [7, 2.5] }

function sceneLayers(scene: MapScene | undefined, origin: string, visible: boolean): { sources: Record<string, SourceSpecification>; layers: LayerSpecification[] } {
  const sources: Record<string, SourceSpecification> = {}
  const layers: LayerSpecification[] = []
  if (!scene || !visible) return { sources, layers }
  // Older first, so that the newest of the day lies on top.
  for (const item of [...scene.scenes].reverse()) {
    const id = `scene:${item.id}:${scene.style}`
    sources[id] = { type: 'raster', tiles: [addresses.sceneTiles(origin, item.id, scene.style)], tileSize: 256, bounds: item.bbox, minzoom: 6, maxzoom: 16 }
    layers.push({ id, type: 'raster', source: id, paint: { 'raster-fade-duration': 120, 'raster-resampling': 'linear' } })
  }
  return { sources, layers }
}

const tiles = (origin: string, layer: MapLayerName, minzoom = 0): SourceSpecification => ({
  type: 'vector', tiles: [addresses.mapTiles(origin, layer)], minzoom, maxzoom: 16,
})

interface Ref {
  source: string
  'source-layer'?: string
}

function controlLineLayers(ref: Ref, kindOf: (kind: ControlLineKind) => ExpressionSpecification, shown: ReadonlySet<LayerId>): LayerSpecification[] {
  const layers: LayerSpecification[] = []
  for (const kind of lineKinds) {
    if (!shown.has(kind)) continue
    const filter = kindOf(kind)
    if (kind !== 'boundary') {
      layers.push({ id: `line-fill-${kind}`, type: 'fill', ...ref, filter, paint: { 'fill-pattern': `hatch-${kind}`, 'fill-opacity': 0.75 } })
    }
    layers.push(
      { id: `line-case-${kind}`, type: 'line', ...ref, filter, layout: { 'line-join': 'round' }, paint: { 'line-color': '#ffffff', 'line-opacity': kind === 'farmland' ? ['interpolate', ['linear'], ['zoom'], 11, 0.12, 14, 0.75] : 0.75, 'line-width': ['interpolate', ['linear'], ['zoom'], 10, 2.6, 16, 5] } },
      {
        id: `line-${kind}`, type: 'line', ...ref, filter, layout: { 'line-join': 'round' },
        paint: { 'line-color': kind === 'farmland' ? ['interpolate', ['linear'], ['zoom'], 11, '#e0c25a', 14, palette.farmland] : palette[kind], 'line-width': ['interpolate', ['linear'], ['zoom'], 10, kind === 'farmland' ? 0.7 : 1.5, 16, 2.8], 'line-dasharray': dashes[kind] },
      },
    )
  }
  return layers
}

function permitLayers(ref: Ref): LayerSpecification[] {
  const granted: ExpressionSpecification = ['match', ['downcase', ['to-string', ['coalesce', ['get', 'status'], 'granted']]], ['granted', ''], true, false]
  const width: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], 11, 1, 16, 2.4]
  return [
    { id: 'permit-fill', type: 'fill', ...ref, filter: granted, paint: { 'fill-color': palette.approved, 'fill-opacity': 0.14 } },
    { id: 'permit-line', type: 'line', ...ref, filter: granted, paint: { 'line-color': palette.approved, 'line-width': width } },
    { id: 'permit-line-other', type: 'line', ...ref, filter: ['!', granted], paint: { 'line-color': palette.approved, 'line-opacity': 0.85, 'line-width': width, 'line-dasharray': [2, 2] } },
  ]
}

const parcelLayers = (ref: Ref): LayerSpecification[] => [
  { id: 'parcel-line', type: 'line', ...ref, paint: { 'line-color': palette.parcel, 'line-width': ['interpolate', ['linear'], ['zoom'], 12, 0.4, 17, 1.4], 'line-opacity': 0.8 } },
]

const outlineLayers = (id: string, source: string, bare = false): LayerSpecification[] => [
  { id: `${id}-fill`, type: 'fill', source, paint: { 'fill-color': verdictColour, 'fill-opacity': bare ? 0.04 : ['case', ['boolean', ['get', 'selected'], false], 0.2, 0.18] } },
  { id: `${id}-case`, type: 'line', source, layout: { 'line-join': 'round' }, paint: { 'line-color': '#ffffff', 'line-opacity': 0.9, 'line-width': ['case', ['boolean', ['get', 'selected'], false], 5.5, 3.6] } },
  { id: `${id}-line`, type: 'line', source, layout: { 'line-join': 'round' }, paint: { 'line-color': verdictColour, 'line-width': ['case', ['boolean', ['get', 'selected'], false], 3.2, 1.8] } },
]

export function buildStyle(input: StyleInput): StyleSpecification {
  const { origin, layers: shown } = input
  const theme = mapThemes[input.theme]
  const scene = sceneLayers(input.scene, origin, shown.has('scene'))
  const sources: Record<string, SourceSpecification> = { ...scene.sources }
  const layers: LayerSpecification[] = [{ id: 'ground', type: 'background', paint: { 'background-color': theme.ground } }]

  sources['regions'] = tiles(origin, 'regions')
  if (input.baseMap) {
    sources['base'] = { type: 'raster', tiles: [input.baseMap.url], tileSize: 256, maxzoom: input.baseMap.maxZoom, attribution: input.baseMap.attribution }
    layers.push({ id: 'base', type: 'raster', source: 'base' })
  } else layers.push({ id: 'region-land', type: 'fill', source: 'regions', 'source-layer': 'regions', paint: { 'fill-color': theme.land } })
  layers.push(...scene.layers)

  if (input.plan) {
    sources['plan-lines'] = { type: 'geojson', data: input.plan.controlLines }
    sources['plan-permits'] = { type: 'geojson', data: input.plan.permits }
    sources['plan-parcels'] = { type: 'geojson', data: input.plan.parcels }
    layers.push(...controlLineLayers({ source: 'plan-lines' }, (kind) => ['==', ['get', 'line'], kind], shown))
    if (shown.has('parcels')) layers.push(...parcelLayers({ source: 'plan-parcels' }))
    if (shown.has('permits')) layers.push(...permitLayers({ source: 'plan-permits' }))
  } else {
    if (lineKinds.some((kind) => shown.has(kind))) {
      sources['control-lines'] = tiles(origin, 'control-lines')
      const ref: Ref = { source: 'control-lines', 'source-layer': 'control-lines' }
      layers.push(...controlLineLayers(ref, (kind) => ['in', ['get', 'kind'], ['literal', controlLineCodes[kind]]], shown))
    }
    if (shown.has('parcels')) {
      sources['parcels'] = tiles(origin, 'parcels', 12)
      layers.push(...parcelLayers({ source: 'parcels', 'source-layer': 'parcels' }))
    }
    if (shown.has('permits')) {
      sources['permits'] = tiles(origin, 'permits', 9)
      layers.push(...permitLayers({ source: 'permits', 'source-layer': 'permits' }))
    }
    if (shown.has('patches')) {
      sources['patches'] = tiles(origin, 'patches', 9)
      layers.push({
        id: 'patch-line', type: 'line', source: 'patches', 'source-layer': 'patches',
        paint: { 'line-color': verdictColour, 'line-width': 1.6, 'line-dasharray': [2, 1.4] },
      })
    }
  }

  if (shown.has('risk') && input.risk) {
    sources['risk'] = { type: 'geojson', data: input.risk }
    layers.push(
      { id: 'risk-fill', type: 'fill', source: 'risk', paint: { 'fill-color': ['match', ['get', 'level'], 1, palette.risk[1]!, 2, palette.risk[2]!, 3, palette.risk[3]!, palette.risk[4]!], 'fill-opacity': 0.55 } },
      { id: 'risk-line', type: 'line', source: 'risk', paint: { 'line-color': palette.risk[4]!, 'line-width': 0.9 } },
    )
  }

  if (shown.has('regions')) {
    const ref = { source: 'regions', 'source-layer': 'regions' }
    layers.push(
      { id: 'region-case', type: 'line', ...ref, paint: { 'line-color': theme.labelHalo, 'line-width': 3, 'line-opacity': 0.55 } },
      { id: 'region-line', type: 'line', ...ref, paint: { 'line-color': theme.regionLine, 'line-width': 1.1, 'line-dasharray': [6, 2, 1.5, 2] } },
    )
    if (input.regionLabels) {
      sources['region-labels'] = { type: 'geojson', data: input.regionLabels }
      layers.push({
        id: 'region-label', type: 'symbol', source: 'region-labels', maxzoom: 15,
        layout: { 'text-field': ['get', 'name'], 'text-font': MAP_FONTS, 'text-size': 14, 'text-letter-spacing': 0.12, 'text-padding': 6 },
        paint: { 'text-color': theme.label, 'text-halo-color': theme.labelHalo, 'text-halo-width': 1.8 },
      })
    }
  }

  if (input.patches) {
    sources['alert-patches'] = { type: 'geojson', data: input.patches }
    layers.push(...outlineLayers('alert-patch', 'alert-patches'))
  }

  if (input.fates) {
    const selected: ExpressionSpecification = ['boolean', ['get', 'selected'], false]
    const colour: ExpressionSpecification = ['match', ['get', 'fate'], 'same', palette.fate.same, 'new', palette.fate.new, 'gone', palette.fate.gone, 'not-observed', palette.fate['not-observed'], palette.fate.changed]
    sources['fates'] = { type: 'geojson', data: input.fates }
    layers.push(
      { id: 'fate-fill', type: 'fill', source: 'fates', paint: { 'fill-color': colour, 'fill-opacity': ['case', selected, 0.32, 0.14] } },
      { id: 'fate-case', type: 'line', source: 'fates', layout: { 'line-join': 'round' }, paint: { 'line-color': '#ffffff', 'line-opacity': 0.9, 'line-width': ['case', selected, 6.5, 4] } },
    )
    for (const [fates, dash] of [[['same', 'new'], undefined], [['changed', 'split', 'merged'], [3, 1.2]], [['gone', 'not-observed'], [1.2, 1.2]]] as const) {
      layers.push({
        id: `fate-line-${fates[0]}`, type: 'line', source: 'fates', layout: { 'line-join': 'round' }, filter: ['in', ['get', 'fate'], ['literal', [...fates]]],
        paint: { 'line-color': colour, 'line-width': ['case', selected, 3.6, 2.2], ...(dash ? { 'line-dasharray': [...dash] } : {}) },
      })
    }
  }

  if (shown.has('devices') && input.devices) {
    sources['devices'] = { type: 'geojson', data: input.devices }
    layers.push(
      {
        id: 'device-halo', type: 'circle', source: 'devices', filter: ['boolean', ['get', 'selected'], false],
        paint: { 'circle-radius': 17, 'circle-color': palette.device, 'circle-opacity': 0.22, 'circle-stroke-width': 2, 'circle-stroke-color': palette.device },
      },
      {
        id: 'device-point', type: 'symbol', source: 'devices',
        layout: {
          'icon-image': ['case', ['boolean', ['get', 'silent'], false], 'device-silent', 'device'], 'icon-allow-overlap': true,
          'text-field': ['step', ['zoom'], '', 12, ['get', 'name']], 'text-font': MAP_FONTS, 'text-size': 12, 'text-anchor': 'top', 'text-offset': [0, 1.05], 'text-optional': true,
        },
        paint: { 'text-color': theme.label, 'text-halo-color': theme.labelHalo, 'text-halo-width': 1.6 },
      },
    )
  }

  if (shown.has('alerts')) {
    sources['alert-areas'] = { type: 'geojson', data: input.alertAreas ?? empty() }
    sources['alert-points'] = { type: 'geojson', data: input.alertPoints ?? empty() }
    layers.push(...outlineLayers('alert-area', 'alert-areas', input.bareAreas))
    layers.push(
      {
        id: 'alert-halo', type: 'circle', source: 'alert-points', filter: ['boolean', ['get', 'selected'], false],
        paint: { 'circle-radius': 9, 'circle-color': '#ffffff', 'circle-opacity': 0.5, 'circle-stroke-width': 3, 'circle-stroke-color': '#14283a' },
      },
      {
        id: 'alert-point', type: 'symbol', source: 'alert-points',
        layout: {
          'icon-image': ['get', 'icon'], 'icon-anchor': 'bottom', 'icon-allow-overlap': true, 'icon-ignore-placement': true,
          'icon-size': ['interpolate', ['linear'], ['zoom'], 9, ['case', ['boolean', ['get', 'selected'], false], 0.9, 0.62], 13, ['case', ['boolean', ['get', 'selected'], false], 1.1, 0.86]],
          'symbol-sort-key': ['get', 'order'],
        },
      },
    )
  }
  return { version: 8, sources, layers }
}
