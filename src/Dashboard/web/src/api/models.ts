/** What the server says of the models behind the probabilities, and of the risk map (docs/formats/api.md). */
import type { Geometry } from 'geojson'
import type { Reason } from './reason'

export interface ScorePart {
  feature: string
  name: string
  nameEn: string
  value?: number | null
  /** Positive speaks for a violation. */
  logOdds: number
}

export interface Likelihood {
  /** In (0, 1). */
  probability: number
  source: 'rules' | 'model'
  model?: string | null
  asOf: string
  triage: 'work' | 'setAside' | 'recheck'
  triageReason?: Reason | null
  pushed: boolean
  /** In the detail only. */
  parts?: ScorePart[] | null
  lead?: { atLeast: number; atMost: number } | null
}

/** A candidate of which no warning was made, or one drawn for a recheck. */
export interface HeldBack {
  siteId: string
  kind: 'setAside' | 'belowVerdict' | 'recheck'
  why: Reason
  verdict: 'notJudged' | 'compliant' | 'review' | 'conflict'
  regionCode?: string | null
  regionName?: string | null
  notBefore: string
  notAfter: string
  areaM2?: number | null
  longitude?: number | null
  latitude?: number | null
  reasons: Reason[]
  likelihood: Likelihood
  alertId?: string | null
}

export interface HeldBackPage {
  items: HeldBack[]
  nextAfter?: string | null
}

export interface ModelFigures {
  cases: number
  rate: number
  averagePrecision: number
  auc: number
  ece: number
  brier: number
}

export interface ModelSummary {
  version: string
  state: 'active' | 'shadow' | 'old'
  madeAt: string
  madeBy: string
  fileHash: string
  dataHash: string
  dataFrom: string
  dataTo: string
  examples: number
  confirmed: number
  held: ModelFigures
}

/** A version as listed: whoever sees a part of the installation gets no figures and no names. */
export type ModelVersion = Pick<ModelSummary, 'version' | 'state' | 'madeAt'> & { [K in keyof Omit<ModelSummary, 'version' | 'state' | 'madeAt'>]?: ModelSummary[K] | null }

export interface ModelsOverview {
  active?: string | null
  shadow?: string | null
  priorRate: number
  versions: ModelVersion[]
  acts: { number: number; at: string; actor?: string | null; act: string; version?: string | null; reason?: string | null }[]
  /** Absent when limited, as everything below. */
  outcomes?: { confirmed: number; dismissed: number; examples: number; examplesConfirmed: number; needed: number; newSinceTraining: number; retrainAfter: number } | null
  comparison?: { cases: number; confirmed: number; current?: ModelFigures | null; challenger?: ModelFigures | null; better: boolean; reason: string } | null
  drift?: { at: string; rows: number; outcomes: number; reasons: Reason[] } | null
  lead?: { sites: number; medianAtLeastDays: number; medianAtMostDays: number } | null
  promotesItself: boolean
  canRollBack: boolean
  problem?: string | null
  /** The account sees a part of the installation: figures, names and reasons are left out. */
  limited: boolean
}

export interface ModelDetails {
  summary: ModelSummary
  card: string
  calibration: { stated: number; seen: number; weight: number }[]
  precisionRecall: { recall: number; precision: number }[]
  plotCases: number
  plotIsHeldOut: boolean
  features: { feature: string; name: string; nameEn: string; splits: number }[]
}

export interface RiskProperties {
  parcelId: string
  regionCode?: string | null
  within30Days?: number | null
  within90Days?: number | null
  order: number
  level: number
  signs: Record<string, number>
}

export interface RiskMap {
  type: 'FeatureCollection'
  /** Null when none was made. */
  risk?: { asOf: string; source: 'signs' | 'model'; beginnings?: number | null; beginningsNeeded: number; parcelsLookedAt?: number | null } | null
  features: { type: 'Feature'; id: string; geometry: Geometry; properties: RiskProperties }[]
}
