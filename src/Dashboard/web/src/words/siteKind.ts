/** What a patch became as people speak of it, with how sure that is: from the facts of the detector (docs/algorithms/imagery.md). */
export interface SiteKindOpinion {
  /** A kind of the family `siteKind`; `cannotTell` where bands or resolution cannot show it. */
  kind: string
  /** 0 to 1; none where it cannot be told. */
  certainty?: number
  /** The next likely ones, surest first. */
  others: { kind: string; certainty: number }[]
}

/** Below this the detector names no kind. */
const LEAST = 0.35

/** Undefined where the detector gave no opinion (the series, older versions). */
export function siteKindOf(facts: Readonly<Record<string, number>> | undefined): SiteKindOpinion | undefined {
  const told = Object.entries(facts ?? {})
    .filter(([name]) => name.startsWith('certainty_'))
    .map(([name, certainty]) => ({ kind: name.slice('certainty_'.length), certainty }))
    .sort((a, b) => b.certainty - a.certainty)
  const cannot = (facts?.['kind_cannot_be_told'] ?? 0) > 0
  if (told.length === 0 && !cannot) return undefined
  const named = told.filter((item) => item.kind !== 'other')
  const best = named[0]
  if (best && best.certainty >= LEAST) return { ...best, others: named.slice(1, 3) }
  if (cannot) return { kind: 'cannotTell', others: named.slice(0, 2) }
  return { kind: 'other', certainty: told.find((item) => item.kind === 'other')?.certainty, others: named.slice(0, 2) }
}
