/** What is planned, where it is in conflict, and what is suggested, on top of a map's style. Pure. */
import type { Feature, FeatureCollection, Geometry, Position } from 'geojson'
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { ConflictReport, ConflictSuggestion } from '@/api/conflicts'
import { palette } from './palette'

export interface ConflictScene {
  draft: readonly Position[]
  area: boolean
  report?: ConflictReport
  chosen?: string
  suggestion?: ConflictSuggestion
}

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })
const feature = (geometry: Geometry, properties: Record<string, unknown> = {}): Feature => ({ type: 'Feature', geometry, properties })

/** A line or outline of the points so far; undefined before there are two, or three for an area. */
export function geometryOf(points: readonly Position[], area: boolean): Geometry | undefined {
  if (area) return points.length >= 3 ? { type: 'Polygon', coordinates: [[...points, points[0]!]] } : undefined
  return points.length >= 2 ? { type: 'LineString', coordinates: [...points] } : undefined
}

export function withConflicts(style: StyleSpecification, scene: ConflictScene): StyleSpecification {
  const plan: Feature[] = scene.report
    ? scene.report.subjects.map((subject) => feature(subject.shape))
    : [
        ...(scene.draft.length >= 2 ? [feature(geometryOf(scene.draft, scene.area) ?? { type: 'LineString', coordinates: [...scene.draft] })] : []),
      ]
  const corners = scene.report ? [] : scene.draft.map((at, i) => feature({ type: 'Point', coordinates: at }, { last: i === scene.draft.length - 1 }))
  const overlaps = (scene.report?.conflicts ?? []).map((c) => feature(c.shape, { id: c.id, selected: c.id === scene.chosen, grave: c.severity === 'critical' || c.severity === 'major' }))
  const way = scene.suggestion ? [feature(scene.suggestion.shape)] : []
  const selected = ['boolean', ['get', 'selected'], false] as const
  const colour = ['case', ['boolean', ['get', 'grave'], false], palette.verdict.conflict, palette.verdict.review] as unknown as string
  const areas = ['==', ['geometry-type'], 'Polygon'] as unknown as never
  const layers: LayerSpecification[] = [
    { id: 'plan-fill', type: 'fill', source: 'plan', filter: areas, paint: { 'fill-color': palette.boundary, 'fill-opacity': 0.14 } },
    { id: 'plan-case', type: 'line', source: 'plan', layout: { 'line-join': 'round' }, paint: { 'line-color': '#ffffff', 'line-width': 6, 'line-opacity': 0.9 } },
    { id: 'plan-line', type: 'line', source: 'plan', layout: { 'line-join': 'round' }, paint: { 'line-color': palette.boundary, 'line-width': 3 } },
    { id: 'conflict-fill', type: 'fill', source: 'conflicts', filter: areas, paint: { 'fill-color': colour, 'fill-opacity': ['case', selected as never, 0.6, 0.34] } },
    { id: 'conflict-case', type: 'line', source: 'conflicts', layout: { 'line-join': 'round' }, paint: { 'line-color': '#ffffff', 'line-width': ['case', selected as never, 8, 5], 'line-opacity': 0.9 } },
    { id: 'conflict-line', type: 'line', source: 'conflicts', layout: { 'line-join': 'round' }, paint: { 'line-color': colour, 'line-width': ['case', selected as never, 4.5, 2.6] } },
    { id: 'way-fill', type: 'fill', source: 'way', filter: areas, paint: { 'fill-color': palette.approved, 'fill-opacity': 0.12 } },
    { id: 'way-case', type: 'line', source: 'way', layout: { 'line-join': 'round' }, paint: { 'line-color': '#ffffff', 'line-width': 6.5, 'line-opacity': 0.95 } },
    { id: 'way-line', type: 'line', source: 'way', layout: { 'line-join': 'round' }, paint: { 'line-color': palette.approved, 'line-width': 3.2, 'line-dasharray': [2.4, 1] } },
    { id: 'plan-corner', type: 'circle', source: 'corners', paint: { 'circle-radius': 5.5, 'circle-color': '#ffffff', 'circle-stroke-width': 2.5, 'circle-stroke-color': palette.boundary } },
  ]
  return {
    ...style,
    sources: {
      ...style.sources,
      plan: { type: 'geojson', data: collection(plan) },
      conflicts: { type: 'geojson', data: collection(overlaps) },
      way: { type: 'geojson', data: collection(way) },
      corners: { type: 'geojson', data: collection(corners) },
    },
    layers: [...style.layers, ...layers],
  }
}

/** A drawing in an address: longitude,latitude pairs with six decimals. */
export const writeDrawing = (points: readonly Position[]): string => points.map((p) => `${p[0]!.toFixed(6)},${p[1]!.toFixed(6)}`).join(';')

/** Undefined where the text is no drawing of at most `most` points. */
export function readDrawing(text: string | undefined, most = 100): Position[] | undefined {
  if (!text) return undefined
  const points = text.split(';').map((pair) => pair.split(',').map(Number))
  const sound = points.length <= most && points.every((p) => p.length === 2 && p.every(Number.isFinite) && Math.abs(p[0]!) <= 180 && Math.abs(p[1]!) <= 90)
  return sound ? points : undefined
}
