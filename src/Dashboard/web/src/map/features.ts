/** GeoJSON for the map's own sources, made from what the server sent. Pure. */
import type { RiskMap } from '@/api/models'
import type { Feature, FeatureCollection, Geometry, Point } from 'geojson'
import type { Alert, Box, Device, MapFeature, RegionSummary } from '@/api/types'
import type { Locale } from '@/format/locale'
import { subjectIcon } from '@/words/headline'
import { controlLineKind } from '@/words/terms'
import { pinName } from './icons'

export const empty = <G extends Geometry>(): FeatureCollection<G> => ({ type: 'FeatureCollection', features: [] })

/** West, south, east, north of a geometry; undefined when it has no coordinates. */
export function boundsOf(geometry: Geometry | null | undefined): Box | undefined {
  let west = Infinity, south = Infinity, east = -Infinity, north = -Infinity
  const visit = (node: unknown): void => {
    if (!Array.isArray(node)) return
    if (typeof node[0] === 'number' && typeof node[1] === 'number') {
      west = Math.min(west, node[0])
      east = Math.max(east, node[0])
      south = Math.min(south, node[1])
      north = Math.max(north, node[1])
      return
    }
    for (const child of node) visit(child)
  }
  if (!geometry) return undefined
  if (geometry.type === 'GeometryCollection') {
    for (const part of geometry.geometries) {
      const box = boundsOf(part)
      if (box) {
        visit([box[0], box[1]])
        visit([box[2], box[3]])
      }
    }
  } else visit(geometry.coordinates)
  return Number.isFinite(west) ? [west, south, east, north] : undefined
}

export function joinBoxes(boxes: readonly (Box | undefined)[]): Box | undefined {
  const known = boxes.filter((box) => box !== undefined)
  if (known.length === 0) return undefined
  return [
    Math.min(...known.map((b) => b[0])), Math.min(...known.map((b) => b[1])),
    Math.max(...known.map((b) => b[2])), Math.max(...known.map((b) => b[3])),
  ]
}

/** Grown by a share of its size on each side, and to at least `least` degrees. */
export function padBox(box: Box, share: number, least = 0): Box {
  const dx = Math.max((box[2] - box[0]) * share, (least - (box[2] - box[0])) / 2, 0)
  const dy = Math.max((box[3] - box[1]) * share, (least - (box[3] - box[1])) / 2, 0)
  return [box[0] - dx, box[1] - dy, box[2] + dx, box[3] + dy]
}

/** What a patch is looked at in: at least this many pixels of its image across, or nothing around it can be made out. */
const PIXELS_AROUND = 80
const METERS_PER_DEGREE = 111_320

/** The surroundings to show a patch in, by the pixel size of the coarsest image that is shown; at least about 300 m. */
export const surroundings = (box: Box, gsdMeters: number | undefined): Box => padBox(box, 0.8, Math.max(0.0032, (PIXELS_AROUND * (gsdMeters ?? 0)) / METERS_PER_DEGREE))

/** Regions by their names in the reader's language. */
export const byName = (regions: readonly RegionSummary[], locale: Locale): RegionSummary[] => {
  const nameOf = (region: RegionSummary): string => (locale === 'en' && region.nameEn ? region.nameEn : region.name)
  return [...regions].sort((a, b) => nameOf(a).localeCompare(nameOf(b), locale === 'zh' ? 'zh-CN' : 'en') || a.code.localeCompare(b.code))
}

/** Where the map opens: on what the newest image shows, as far as it lies within the reader's regions; else on the regions. */
export function openingBox(overview: { bbox: Box; newestScene?: { bbox: Box } | null } | undefined): Box | undefined {
  const whole = overview?.bbox
  const newest = overview?.newestScene?.bbox
  if (!whole || !newest) return whole
  const common: Box = [Math.max(whole[0], newest[0]), Math.max(whole[1], newest[1]), Math.min(whole[2], newest[2]), Math.min(whole[3], newest[3])]
  return common[0] < common[2] && common[1] < common[3] ? common : newest
}

/** Where the pin of an alert stands: its centre, else the middle of its outline. */
export function placeOf(alert: Pick<Alert, 'center' | 'geometry'>): [number, number] | undefined {
  if (alert.center) return alert.center
  const box = boundsOf(alert.geometry)
  return box ? [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] : undefined
}

const rank = { firing: 2, pending: 1, resolved: 0 } as const
const weight = { conflict: 3, review: 2, notJudged: 1, compliant: 0 } as const

export function alertPoints(alerts: readonly Alert[], selected: string | undefined): FeatureCollection<Point> {
  const features: Feature<Point>[] = []
  for (const alert of alerts) {
    const place = placeOf(alert)
    if (!place) continue
    features.push({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: place },
      properties: {
        id: alert.id,
        icon: pinName({ verdict: alert.verdict, icon: subjectIcon(alert), state: alert.state, acknowledged: Boolean(alert.acknowledgedBy) }),
        selected: alert.id === selected,
        order: (alert.id === selected ? 100 : 0) + rank[alert.state] * 10 + weight[alert.verdict],
      },
    })
  }
  return { type: 'FeatureCollection', features }
}

export function alertAreas(alerts: readonly Alert[], selected: string | undefined): FeatureCollection {
  const features: Feature[] = []
  for (const alert of alerts) {
    if (!alert.geometry || alert.geometry.type === 'Point') continue
    features.push({
      type: 'Feature',
      geometry: alert.geometry,
      properties: { id: alert.id, verdict: alert.state === 'resolved' ? 'ended' : alert.verdict, state: alert.state, selected: alert.id === selected },
    })
  }
  return { type: 'FeatureCollection', features }
}

/** One label a region in the middle of its box; the widest region (a county round its towns) carries none. */
export function regionLabels(regions: readonly RegionSummary[], locale: Locale): FeatureCollection<Point> {
  const shortest = Math.max(...regions.map((region) => region.code.length), 0)
  return {
    type: 'FeatureCollection',
    features: regions
      .filter((region) => regions.length === 1 || region.code.length === shortest)
      .map((region) => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [(region.bbox[0] + region.bbox[2]) / 2, (region.bbox[1] + region.bbox[3]) / 2] },
        properties: { id: region.code, name: locale === 'en' && region.nameEn ? region.nameEn : region.name },
      })),
  }
}

export function devicePoints(devices: readonly Device[], isSilent: (device: Device) => boolean, locale: Locale, selected?: string): FeatureCollection<Point> {
  const byThing = new Map<string, { device: Device; silent: boolean }>()
  for (const device of devices) {
    const silent = isSilent(device)
    const known = byThing.get(device.thing.id)
    byThing.set(device.thing.id, { device: known?.device ?? device, silent: (known?.silent ?? true) && silent })
  }
  return {
    type: 'FeatureCollection',
    features: [...byThing.values()].map(({ device, silent }) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [device.thing.longitude, device.thing.latitude] },
      properties: {
        id: device.thing.id, silent, selected: device.thing.id === selected,
        name: locale === 'en' && device.thing.nameEn ? device.thing.nameEn : device.thing.name,
      },
    })),
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Kind, name and status of a feature, whichever way the register spells them. */
export function featureFacts(feature: MapFeature): { kind?: string; name?: string; status?: string; project?: string; useCode?: string; plannedUseCode?: string; grantedOn?: string } {
  const p = feature.properties
  return {
    kind: text(p['kind']), name: text(p['name']), status: text(p['status']), project: text(p['project']),
    useCode: text(p['useCode'] ?? p['use_code']), plannedUseCode: text(p['plannedUseCode'] ?? p['planned_use_code']), grantedOn: text(p['grantedOn'] ?? p['granted_on']),
  }
}

export function planFeatures(features: readonly MapFeature[]): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: features.map((feature) => {
      const facts = featureFacts(feature)
      return { type: 'Feature', geometry: feature.geometry, properties: { id: feature.id, line: controlLineKind(facts.kind) ?? '', status: facts.status ?? '' } }
    }),
  }
}

/** Parcels of the risk map with what their colour says. */
export const riskAreas = (risk: RiskMap): FeatureCollection => ({
  type: 'FeatureCollection',
  features: risk.features.map((feature) => ({ type: 'Feature', id: feature.id, geometry: feature.geometry, properties: { parcel: feature.properties.parcelId, level: feature.properties.level } })),
})
