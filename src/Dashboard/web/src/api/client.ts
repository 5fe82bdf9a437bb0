/** The one place that knows the addresses of docs/formats/api.md. */
import type { ConflictAnswer, ConflictForm } from './conflicts'
import { fetchJson, fetchNothing, query } from './http'
import type { HeldBackPage, ModelDetails, ModelsOverview, RiskMap } from './models'
import type {
  Alert, AlertDetail, AlertPage, AlertState, Assignee, Box, Device, Incident, IndicatorDefinition, IndicatorSeries, LatestObservation, Ledger,
  ChangeSet, MapFeature, MapLayerName, Outcome, Overview, Person, PersonForm, Place, RefusedScene, SceneStyle, SecondLook, SceneSummary, Series, Session, WatchedSeries,
} from './types'

export interface AlertQuestion {
  states?: readonly AlertState[]
  rule?: string
  bbox?: Box
  before?: number
  /** Place in the order by likelihood. */
  after?: string
  limit?: number
  order?: 'newest' | 'likelihood'
}

export interface VerificationForm {
  outcome: Outcome
  person: string
  /** ISO 8601 with Z. */
  at: string
  reason: string
  longitude?: number
  latitude?: number
  photos: readonly File[]
}

const segment = encodeURIComponent

export const api = {
  session: (signal?: AbortSignal) => fetchJson<Session>('/api/session', { signal }),
  signIn: (user: string, password: string) =>
    fetchNothing('/api/session', { method: 'POST', json: { user, password }, expectUnauthorized: true }),
  signOut: () => fetchNothing('/api/session', { method: 'DELETE' }),
  changePassword: (current: string, next: string) =>
    fetchNothing('/api/session/password', { method: 'POST', json: { current, next }, expectUnauthorized: true }),

  people: (signal?: AbortSignal) => fetchJson<Person[]>('/api/users', { signal }),
  /** Without a password the service makes one; it is in the answer and nowhere else. */
  addPerson: (name: string, form: PersonForm) => fetchJson<Person & { password?: string }>('/api/users', { method: 'POST', json: { name, ...form } }),
  changePerson: (name: string, form: PersonForm) => fetchJson<Person>(`/api/users/${segment(name)}`, { method: 'PUT', json: form }),
  resetPassword: (name: string) => fetchJson<{ password: string }>(`/api/users/${segment(name)}/password`, { method: 'POST' }),
  removePerson: (name: string) => fetchNothing(`/api/users/${segment(name)}`, { method: 'DELETE' }),

  overview: (signal?: AbortSignal) => fetchJson<Overview>('/api/overview', { signal }),

  alerts: (question: AlertQuestion = {}, signal?: AbortSignal) =>
    fetchJson<AlertPage>(
      `/api/alerts${query({
        state: question.states?.join(','),
        rule: question.rule,
        bbox: question.bbox?.join(','),
        before: question.before,
        after: question.after,
        limit: question.limit,
        order: question.order,
      })}`,
      { signal },
    ),
  alert: (id: string, signal?: AbortSignal) => fetchJson<AlertDetail>(`/api/alerts/${segment(id)}`, { signal }),
  incidents: (question: { corroborated?: boolean; limit?: number } = {}, signal?: AbortSignal) =>
    fetchJson<{ items: Incident[]; next?: string | null }>(`/api/incidents${query({ corroborated: question.corroborated ? 'true' : undefined, limit: question.limit })}`, { signal }),
  acknowledge: (alert: Pick<Alert, 'id'>, note?: string) =>
    fetchJson<{ sequence: number }>(`/api/alerts/${segment(alert.id)}/acknowledge`, { method: 'POST', json: note ? { note } : {} }),
  /** People who may see the warning's place. */
  assignees: (alert: Pick<Alert, 'id'>, signal?: AbortSignal) => fetchJson<Assignee[]>(`/api/alerts/${segment(alert.id)}/assignees`, { signal }),
  assign: (alert: Pick<Alert, 'id'>, assignee: string | null) =>
    fetchJson<{ sequence: number }>(`/api/alerts/${segment(alert.id)}/assign`, { method: 'POST', json: { assignee } }),
  verify: (alert: Pick<Alert, 'id'>, form: VerificationForm) => {
    const body = new FormData()
    body.set('outcome', form.outcome)
    body.set('person', form.person)
    body.set('at', form.at)
    body.set('reason', form.reason)
    if (form.longitude !== undefined && form.latitude !== undefined) {
      body.set('longitude', String(form.longitude))
      body.set('latitude', String(form.latitude))
    }
    for (const photo of form.photos) body.append('photos', photo, photo.name)
    return fetchJson<{ sequence: number }>(`/api/alerts/${segment(alert.id)}/verification`, { method: 'POST', form: body })
  },

  devices: (signal?: AbortSignal) => fetchJson<Device[]>('/api/devices', { signal }),
  latest: (signal?: AbortSignal) => fetchJson<LatestObservation[]>('/api/datastreams/latest', { signal }),
  series: (id: string, from: string, to: string, bucket: string, signal?: AbortSignal) =>
    fetchJson<Series>(`/api/datastreams/series${query({ id, from, to, bucket })}`, { signal }),
  ledger: (signal?: AbortSignal) => fetchJson<Ledger>('/api/ledger', { signal }),

  scenes: (question: { bbox?: Box; from?: string; to?: string; limit?: number } = {}, signal?: AbortSignal) =>
    fetchJson<SceneSummary[]>(`/api/scenes${query({ ...question, bbox: question.bbox?.join(',') })}`, { signal }),

  refusedScenes: (signal?: AbortSignal) => fetchJson<RefusedScene[]>('/api/scenes/refused', { signal }),
  watchedSeries: (signal?: AbortSignal) => fetchJson<WatchedSeries[]>('/api/scenes/watch', { signal }),
  sceneChanges: (id: string, signal?: AbortSignal) => fetchJson<ChangeSet[]>(`/api/scenes/${segment(id)}/changes`, { signal }),
  secondLook: (id: string, signal?: AbortSignal) => fetchJson<SecondLook>(`/api/scenes/${segment(id)}/second-look`, { signal }),
  askSecondLook: (id: string) => fetchJson<SecondLook>(`/api/scenes/${segment(id)}/second-look`, { method: 'POST' }),

  indicators: (signal?: AbortSignal) => fetchJson<IndicatorDefinition[]>('/api/indicators', { signal }),
  indicator: (code: string, region: string, signal?: AbortSignal) =>
    fetchJson<IndicatorSeries>(`/api/indicators/${segment(code)}${query({ region })}`, { signal }),

  heldBack: (after?: string, signal?: AbortSignal) => fetchJson<HeldBackPage>(`/api/held-back${query({ after })}`, { signal }),
  takeUp: (siteId: string, reason: string) => fetchNothing(`/api/held-back/${segment(siteId)}/take-up`, { method: 'POST', json: { reason } }),

  models: (signal?: AbortSignal) => fetchJson<ModelsOverview>('/api/models', { signal }),
  model: (version: string, signal?: AbortSignal) => fetchJson<ModelDetails>(`/api/models/${segment(version)}`, { signal }),
  trainModel: () => fetchNothing('/api/models/train', { method: 'POST' }),
  promoteModel: (version: string, reason: string) => fetchNothing(`/api/models/${segment(version)}/promote`, { method: 'POST', json: { reason } }),
  rollBackModel: (reason: string) => fetchNothing('/api/models/roll-back', { method: 'POST', json: { reason } }),
  risk: (signal?: AbortSignal) => fetchJson<RiskMap>('/api/risk', { signal }),

  featuresAt: (lon: number, lat: number, on?: string, signal?: AbortSignal) =>
    fetchJson<MapFeature[]>(`/api/map/at${query({ lon, lat, on })}`, { signal }),

  /** What is drawn, against the map. */
  checkDrawing: (form: ConflictForm, geometry: GeoJSON.Geometry, signal?: AbortSignal) =>
    fetchJson<ConflictAnswer>('/api/conflicts', {
      method: 'POST', signal,
      json: { kind: form.kind, on: form.on, features: [{ type: 'Feature', geometry, properties: form.properties }] },
    }),
  /** What is in a file of any vector format; a Shapefile is several. */
  checkFile: (form: Pick<ConflictForm, 'kind' | 'on'> & { crs?: string }, files: readonly File[], signal?: AbortSignal) => {
    const body = new FormData()
    body.set('kind', form.kind)
    if (form.on) body.set('on', form.on)
    if (form.crs) body.set('crs', form.crs)
    for (const file of files) body.append('files', file, file.name)
    return fetchJson<ConflictAnswer>('/api/conflicts/file', { method: 'POST', form: body, signal })
  },

  /** The spatial code of a point. */
  placeCode: (lon: number, lat: number, signal?: AbortSignal) => fetchJson<{ code: string }>(`/api/places${query({ lon, lat })}`, { signal }),
  place: (code: string, on?: string, signal?: AbortSignal) => fetchJson<Place>(`/api/places/${segment(code)}${query({ on })}`, { signal }),
}

/** Addresses that the map and the browser load by themselves. */
export const addresses = {
  sceneTiles: (origin: string, sceneId: string, style: SceneStyle) =>
    `${origin}/api/scenes/${segment(sceneId)}/tiles/{z}/{x}/{y}.png?style=${style}`,
  mapTiles: (origin: string, layer: MapLayerName) => `${origin}/api/map/tiles/${layer}/{z}/{x}/{y}.mvt`,
  chip: (sceneId: string, bbox: Box, width: number, style: SceneStyle = 'natural') =>
    `/api/scenes/${segment(sceneId)}/chip.png${query({ bbox: bbox.map((n) => n.toFixed(6)).join(','), width, style })}`,
  placePicture: (code: string) => `/api/places/${segment(code)}/qr.svg`,
  photo: (sha256: string) => `/api/evidence/photos/${segment(sha256)}`,
  alertsCsv: '/api/export/alerts.csv',
  alertsGeoJson: '/api/export/alerts.geojson',
  audit: '/api/audit/export',
  hub: '/hubs/warnings',
}
