/**
 * What the server sends, as docs/formats/api.md says. Times are ISO 8601 with Z, dates yyyy-MM-dd, geometries lon/lat (EPSG:4490);
 * every number names its unit.
 */
import type { Geometry } from 'geojson'
import type { Likelihood } from './models'
import type { Reason } from './reason'

export type { Reason }

export type Role = 'viewer' | 'officer' | 'administrator'

export interface SessionUser {
  name: string
  displayName: string
  role: Role
  regionPrefixes: string[] | null
  mustChangePassword: boolean
}

export interface Session {
  signedIn: boolean
  user?: SessionUser
  demonstration: boolean
  version: string
  timeZone: string
  /** A base map by configuration (XYZ); without it our own layers and scenes are the base. */
  baseMap?: BaseMap | null
}

/** Somebody who may sign in, as administrators see them. */
export interface Person {
  name: string
  displayName: string
  role: Role
  /** Division-code prefixes; null = everything. */
  regionPrefixes: string[] | null
  mustChangePassword: boolean
}

/** Somebody a warning may be given to. */
export interface Assignee {
  name: string
  displayName: string
}

export interface PersonForm {
  displayName: string
  role: Role
  regionPrefixes: string[] | null
}

export interface BaseMap {
  /** Template with {z}, {x} and {y}. */
  url: string
  attribution: string
  maxZoom: number
}

export type Box = [west: number, south: number, east: number, north: number]

export interface RegionSummary {
  code: string
  name: string
  nameEn?: string | null
  bbox: Box
}

export interface Overview {
  regions: RegionSummary[]
  bbox: Box
  counts: { firing: number; pending: number; acknowledged: number; devices: number; devicesSilent: number; scenes: number }
  lastSequence: number
  newestScene?: SceneSummary | null
  now: string
}

export type AlertState = 'pending' | 'firing' | 'resolved'
export type Severity = 'info' | 'minor' | 'major' | 'critical'
export type Verdict = 'notJudged' | 'compliant' | 'review' | 'conflict'
export type SubjectKind = 'site' | 'datastream' | 'thing' | 'indicator'
export type ResolveReason = 'conditionCleared' | 'humanOutcome' | 'demolitionObserved'

export interface Alert {
  id: string
  fingerprint: string
  ruleId: string
  subject: { kind: SubjectKind; id: string }
  state: AlertState
  severity: Severity
  verdict: Verdict
  /** Confidence in [0, 1]. */
  score: number
  regionCode?: string | null
  regionName?: string | null
  geometry?: Geometry | null
  areaSquareMeters?: number | null
  center?: [lon: number, lat: number] | null
  startsAt: string
  notBefore?: string | null
  lastHeldAt: string
  firingSince?: string | null
  firedAt?: string | null
  resolvedAt?: string | null
  resolveReason?: ResolveReason | null
  acknowledgedBy?: string | null
  acknowledgedAt?: string | null
  assignee?: string | null
  findingId: string
  reasons: Reason[]
  findingCount: number
  caseId?: string | null
  /** What a person found on the spot; in lists. */
  outcome?: Outcome | null
  /** How likely a field verification confirms it; only for what is scored. */
  likelihood?: Likelihood | null
  sequence: number
}

export type AlertChangeKind =
  | 'pended' | 'fired' | 'updated' | 'acknowledged' | 'assigned' | 'caseOpened' | 'verified' | 'resolved' | 'withdrawn'

export interface AlertChange {
  sequence: number
  kind: AlertChangeKind
  at: string
  actor: string
  note?: string | null
  alert: Alert
}

export interface AlertPage {
  items: Alert[]
  next?: number | null
  /** Where the next page begins in the order by likelihood. */
  nextAfter?: string | null
}

export interface EvidenceInput {
  kind: string
  id: string
  hash?: string | null
}

export interface Finding {
  id: string
  ruleId: string
  ruleVersion: string
  detectorId: string
  detectorVersion: string
  condition: 'holds' | 'clears'
  severity: Severity
  phenomenonStart: string
  phenomenonEnd: string
  detectedAt: string
  score: number
  verdict: Verdict
  reasons: Reason[]
  inputs: EvidenceInput[]
  mapVersion?: number | null
}

export type ChangeKind = 'builtUp' | 'bareSoil' | 'vegetationLoss' | 'water' | 'demolition' | 'vegetationGain' | 'other'

export interface Patch {
  id: string
  changeSetId: string
  siteId: string
  kind: ChangeKind
  score: number
  notBefore: string
  notAfter: string
  areaSquareMeters: number
  geometry: Geometry
  verdict: Verdict
  reasons: Reason[]
  mapVersion: number
  facts?: Record<string, number>
}

/** An image that was compared; only the id outside the reader's scope. */
export interface ComparedScene {
  id: string
  acquiredAt?: string | null
  contentHash?: string | null
  files: { name: string; sha256: string; bytes: number }[]
}

/** A patch as a comparison told it. */
export interface ChangePatch {
  id: string
  kind: ChangeKind
  score: number
  notBefore: string
  notAfter: string
  areaSquareMeters: number
  pixelCount: number
  gsdMeters: number
  geometry: Geometry
  facts: Record<string, number>
}

export interface ChangeSet {
  id: string
  detectorId: string
  detectorVersion: string
  /** 0 to 1, of the reader's own ground; null where that is not known. */
  observableShare: number | null
  baseline: ComparedScene
  current: ComparedScene
  reasons: Reason[]
  statistics: Record<string, number>
  patches: ChangePatch[]
}

export interface RefusedScene {
  name: string
  refusedAt: string
  reason: string
}

/** How far an area that is followed is watched by seasonal models. */
export interface WatchedSeries {
  firstSceneId: string
  pixels: number
  looks: number
  progress: 'notWatched' | 'gathering' | 'fitting' | 'watching'
  share: number
}

export type Fate = 'same' | 'changed' | 'split' | 'merged' | 'new' | 'gone' | 'not-observed'

export interface SecondLookLine {
  fate: Fate
  before?: ChangePatch | null
  after?: ChangePatch | null
  commonShare: number
  differences: string[]
  siteId?: string | null
  verdict?: Verdict | null
  openAlerts: string[]
}

export interface SecondLookRun {
  detector: string
  baselineSceneId?: string | null
  oldVersion?: string | null
  newVersion: string
  counts: Partial<Record<Fate, number>>
  lines: SecondLookLine[]
}

export interface SecondLook {
  state: 'none' | 'waiting' | 'working' | 'done' | 'failed'
  requestedAt?: string | null
  finishedAt?: string | null
  problem?: string | null
  runs: SecondLookRun[]
}

export type Outcome = 'legal' | 'illegal' | 'other'

export interface Verification {
  outcome: Outcome
  person: string
  at: string
  reason: string
  photoHashes: string[]
  longitude?: number | null
  latitude?: number | null
}

export interface Case {
  id: string
  alertId: string
  siteId: string
  state: 'detected' | 'judged'
  openedAt: string
  decidedAt?: string | null
  verification?: Verification | null
}

export interface SceneSummary {
  id: string
  acquiredAt: string
  receivedAt: string
  platform?: string | null
  collection?: string | null
  /** Percent, 0 to 100. */
  cloudCover?: number | null
  /** Degrees above the horizon. */
  sunElevation?: number | null
  bbox: Box
  gsdMeters: number
  bands: string[]
  /** Id of the sensor description that was applied. */
  sensor?: string | null
  /** Degrees clockwise from north. */
  sunAzimuth?: number | null
  /** Where clouds are told from. */
  cloudMask?: 'product' | 'computed' | null
  /** Pixels with data as a share of the raster, 0 to 1. */
  validShare?: number | null
  /** Clear pixels as a share of those with data, 0 to 1. */
  observableShare?: number | null
}

export type Aggregation = 'mean' | 'energyMean' | 'max' | 'sum' | 'none'

export interface Datastream {
  id: string
  deviceId: string
  thingId: string
  name: string
  property: string
  unit: string
  /** Null when irregular: completeness is unknown then. */
  expectedIntervalSeconds?: number | null
  aggregation: Aggregation
}

export interface MapFeature {
  layer: string
  id: string
  geometry: Geometry
  areaSquareMeters: number
  effectiveFrom?: string | null
  effectiveTo?: string | null
  document?: string | null
  properties: Record<string, unknown>
}

/** Data grade of a layer (数据安全法). */
export type Grade = 'general' | 'important' | 'core'

/** What was not told, whether there is something or not; without layer: all of them. */
export interface Withheld {
  layer?: string
  because: 'grade' | 'region'
}

/** What holds in the cell of a spatial code on a day. */
export interface Place {
  code: string
  center?: [number, number]
  cell?: Box
  on: string
  mapVersion: number
  features: { feature: MapFeature; relation: 'covers' | 'touches'; grade: Grade }[]
  withheld: Withheld[]
}

/** What one detector says of an incident. */
export interface IncidentEvidence {
  channel: 'space' | 'ground'
  kind: string
  ruleId: string
  subject: { kind: string; id: string }
  findingId: string
  /** 0 for what turned out to be approved. */
  weight: number
  start: string
  end: string
  findings: number
  holds: boolean
  center: [number, number]
  alertId?: string | null
}

/** Findings of one place and stretch of time together. */
export interface Incident {
  id: string
  rulesVersion: string
  regionCode?: string | null
  regionName?: string | null
  geometry: Geometry
  start: string
  end: string
  /** Sum over the kinds of the heaviest of each. */
  weight: number
  corroborated: boolean
  evidence: IncidentEvidence[]
  /** Pieces from outside the reader's scope. */
  withheld: number
}

export interface AlertDetail extends Alert {
  changes: AlertChange[]
  findings: Finding[]
  patches: Patch[]
  case?: Case | null
  plan: { controlLines: MapFeature[]; permits: MapFeature[]; parcels: MapFeature[] }
  before?: SceneSummary | null
  after?: SceneSummary | null
  related: Alert[]
  incident?: Incident | null
  telemetry: Datastream[]
  comparisons?: ChangeSet[]
}

export interface ThingSummary {
  id: string
  name: string
  nameEn?: string | null
  longitude: number
  latitude: number
  region: string
}

export interface Device {
  id: string
  thing: ThingSummary
  enabled: boolean
  firmware?: string | null
  datastreams: Datastream[]
  lastReceived?: string | null
}

/** The newest observation of a datastream; exactly one of number and text. */
export interface LatestObservation {
  id: string
  time: string
  receivedTime: string
  number?: number | null
  text?: string | null
  quality: string[]
  sequence: number
}

export interface SeriesPoint {
  t: string
  value: number
  min: number
  max: number
  count: number
  /** Share in [0, 1] of the expected observations; null when the datastream is irregular. */
  completeness?: number | null
}

export interface Series {
  datastream: Datastream
  bucketSeconds: number
  points?: SeriesPoint[] | null
  /** Categories only. */
  events?: { t: string; text: string }[] | null
}

export interface Ledger {
  received: number
  accepted: number
  duplicates: number
  rejected: Record<string, number>
  pending: number
  /** What the store could not take: not acknowledged, to be sent again by the device. */
  returned?: number
  /** Start of the count. */
  since?: string | null
  deadLetters: DeadLetter[]
}

export interface DeadLetter {
  sequence: number
  door: string
  deviceId?: string | null
  address: string
  receivedTime: string
  reason: string
  detail: string
}

export type IndicatorDirection = 'atMost' | 'atLeast' | 'informative'

export interface IndicatorDefinition {
  code: string
  system: string
  definitionVersion: string
  name: string
  nameEn: string
  unit: string
  direction: IndicatorDirection
  binding: boolean
  proxy: boolean
}

export interface IndicatorValue {
  /** First day of the month, yyyy-MM-dd (or yyyy-MM). */
  month: string
  value?: number | null
  observableShare?: number | null
  computedAt: string
  inputsThrough?: string | null
}

export interface IndicatorTarget {
  baseDate: string
  baseValue: number
  targetDate: string
  targetValue: number
  tolerance: number
}

export interface IndicatorSeries {
  definition: IndicatorDefinition
  region: string
  values: IndicatorValue[]
  target?: IndicatorTarget | null
}

export type SceneStyle = 'natural' | 'falsecolour'
export type MapLayerName = 'regions' | 'control-lines' | 'permits' | 'parcels' | 'patches'
