/** Names of coded values. The servers of one family write codes in camelCase or snake_case; both mean the same here. */

/** `ecological_red_line`, `ecologicalProtectionRedLine` → `ecologicalredline`-like plain letters. */
const plain = (code: string): string => code.toLowerCase().replace(/[^a-z0-9]/g, '')

export type ControlLineKind = 'redLine' | 'farmland' | 'boundary'

export function controlLineKind(code: string | undefined | null): ControlLineKind | undefined {
  const text = plain(code ?? '')
  if (text.includes('redline') || text.includes('ecolog')) return 'redLine'
  if (text.includes('farmland')) return 'farmland'
  if (text.includes('boundary') || text.includes('urban')) return 'boundary'
  return undefined
}

/** All spellings of a control-line kind that may stand in a tile, for style expressions. */
export const controlLineCodes: Record<ControlLineKind, string[]> = {
  redLine: ['ecologicalProtectionRedLine', 'EcologicalProtectionRedLine', 'ecological_red_line', 'ecologicalRedLine', 'ecological_protection_red_line'],
  farmland: ['permanentBasicFarmland', 'PermanentBasicFarmland', 'permanent_basic_farmland'],
  boundary: ['urbanDevelopmentBoundary', 'UrbanDevelopmentBoundary', 'urban_development_boundary'],
}

const changeKinds = ['builtUp', 'bareSoil', 'vegetationLoss', 'water', 'demolition', 'vegetationGain', 'other'] as const
const permitKinds = [
  'farmland_conversion', 'land_supply', 'land_use', 'construction_works', 'rural_planning', 'construction_start', 'temporary_land',
  'facility_agriculture', 'homestead', 'verification', 'land_expropriation', 'night_work',
] as const
const permitStatuses = ['applied', 'granted', 'suspended', 'expired', 'revoked'] as const
const properties = ['noise_laeq', 'pm10', 'pm2_5', 'vibration_velocity', 'tilt', 'active_power', 'truck_pass', 'camera_event'] as const
const cameraEvents = ['excavator', 'crane', 'concrete_pump', 'earthmoving', 'none'] as const
const deadLetterReasons = [
  'malformed', 'invalidValue', 'missingTime', 'implausibleTime', 'unknownDatastream', 'foreignTopic', 'tooLarge', 'conflict',
] as const
const rules = [
  'building-without-approval', 'red-line-change', 'control-line-changed', 'project-without-approval', 'site-activity-without-approval', 'noise-day', 'noise-night', 'vibration-night', 'dust-pm10', 'indicator-target', 'model-drift', 'model-waiting',
] as const
const inputKinds = ['scene', 'changeSet', 'patch', 'observations', 'permit', 'controlLine', 'parcel', 'indicatorValue', 'thing', 'region', 'building', 'project'] as const
const controlLineOutcomes = ['inform', 'permittedLimitedActivity', 'historicStock', 'review', 'conflict'] as const

const siteKinds = ['earthworks', 'building', 'road', 'greenhouse', 'photovoltaic', 'pond', 'demolition', 'reclamation', 'other', 'cannotTell'] as const
const whyNots = ['less-suited', 'cloudy', 'little-common-ground', 'other-resolution', 'other-bands', 'rotated-grid', 'first-scene', 'none-fits', 'series-watches', 'scene-cloudy'] as const
const fates = ['same', 'changed', 'split', 'merged', 'new', 'gone', 'not-observed'] as const

const evidence = ['image-change', 'truck-passes', 'power-draw', 'camera-event', 'night-noise', 'day-noise', 'night-vibration', 'dust'] as const
const stageFindings = ['built-before-approval', 'built-while-approving', 'used-before-supply'] as const
const areaWhichs = ['approved_area', 'floor_area'] as const
const planSources = ['detailed-plan', 'land-use-plan', 'parcel', 'zoning'] as const
const lineWhys = ['no-document', 'level-unknown', 'level-too-low', 'same-document'] as const
const zones = [
  'ecological_space', 'agricultural_space', 'urban_space', 'ecological_protection_zone', 'ecological_control_zone', 'farmland_protection_zone', 'urban_development_zone',
  'rural_development_zone', 'marine_development_zone', 'mineral_energy_zone',
] as const

/** Common names of STAC's eo extension, and the mask that travels with a scene. */
const bands = ['pan', 'coastal', 'blue', 'green', 'yellow', 'red', 'rededge', 'rededge071', 'rededge075', 'rededge078', 'nir', 'nir08', 'nir09', 'cirrus', 'swir16', 'swir22', 'lwir', 'lwir11', 'lwir12', 'quality'] as const

const stages = ['earthworks', 'building', 'surface'] as const

const families = {
  stage: stages,
  band: bands,
  changeKind: changeKinds,
  permitKind: permitKinds,
  permitStatus: permitStatuses,
  property: properties,
  cameraEvent: cameraEvents,
  deadLetter: deadLetterReasons,
  rule: rules,
  inputKind: inputKinds,
  outcomeOfLine: controlLineOutcomes,
  siteKind: siteKinds,
  whyNot: whyNots,
  fate: fates,
  evidence,
  stageFinding: stageFindings,
  areaWhich: areaWhichs,
  planSource: planSources,
  lineWhy: lineWhys,
  zone: zones,
} satisfies Record<string, readonly string[]>

export type TermFamily = keyof typeof families
export const termFamilies: Readonly<Record<TermFamily, readonly string[]>> = families

/** Dictionary key of a code in a family; undefined when nobody taught us the code. */
export function termKey(family: TermFamily, code: string | null | undefined): string | undefined {
  const wanted = plain(code ?? '')
  const known = families[family].find((candidate) => plain(candidate) === wanted)
  return known === undefined ? undefined : `term.${family}.${known}`
}

/** Codes of the 2023 land-use classification that the county and most plans use; longer codes fall back on their parents. */
export const landUseCodes = [
  '01', '0101', '0102', '0103', '02', '03', '04', '05', '06', '07', '0701', '0703', '08', '09', '10', '1001', '11', '12', '1207', '13', '14', '15', '16', '17', '23',
] as const

export function landUseKey(code: string): string | undefined {
  for (let length = code.length; length >= 2; length--) {
    const head = code.slice(0, length)
    if ((landUseCodes as readonly string[]).includes(head)) return `landUse.c${head}`
  }
  return undefined
}
