/** What a conflict check is asked and answers: docs/formats/conflicts.md, in camelCase. */
import type { Geometry } from 'geojson'
import type { Severity, Withheld } from './types'

export type ProposalKind = 'road' | 'pipe' | 'project'

export interface ConflictForm {
  kind: ProposalKind
  on?: string
  properties: Record<string, string | number>
}

export interface Conflict {
  id: string
  kind: string
  rule: string
  ruleName: string
  ruleNameEn: string
  severity: Severity
  weight: number
  subjectKind: string
  subjectId: string
  with?: { layer: string; id: string; name?: string; code?: string; document?: string; effectiveFrom?: string; effectiveTo?: string } | null
  areaSquareMeters: number
  lengthMeters: number
  clearance?: { requiredHorizontal?: number; horizontal?: number; requiredVertical?: number; vertical?: number; planViewOnly: boolean } | null
  facts: Record<string, string>
  shape: Geometry
}

export interface ConflictTotal { kind: string; count: number; areaSquareMeters: number; lengthMeters: number }

export interface ConflictSuggestion {
  subjectKind: string
  subjectId: string
  change: string
  shape: Geometry
  costBefore: number
  costAfter: number
  totalsBefore: ConflictTotal[]
  totalsAfter: ConflictTotal[]
  lengthBefore: number
  lengthAfter: number
  areaBefore: number
  areaAfter: number
  movedMeters: number
  leastRadiusMeters?: number
  resolutionMeters: number
  reachMeters: number
}

export interface ConflictNote { code: string; facts: Record<string, string> }

export interface ConflictReport {
  rulesVersion: string
  mapVersion: number
  on: string
  subjects: { kind: string; id: string; name?: string; areaSquareMeters: number; lengthMeters: number; widthMeters?: number; cost: number; conflicts: number; clipped: boolean; shape: Geometry }[]
  conflicts: Conflict[]
  totals: ConflictTotal[]
  suggestions: ConflictSuggestion[]
  reserve?: { reserveSquareMeters: number; constructionSquareMeters: number; usedSquareMeters: number; share?: number; shareAfter?: number; rate: number }
  notes: ConflictNote[]
}

export interface ConflictAnswer { report: ConflictReport; told: string[]; withheld: Withheld[] }
