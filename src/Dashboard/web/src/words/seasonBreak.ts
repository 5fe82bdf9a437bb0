/** Where the seasonal models of a patch's pixels broke, from the facts of the series detector (docs/algorithms/series.md). */
export interface SeasonBreak {
  /** Days as `2026-01-29`: the last look that followed the season, the first that did not. */
  after: string
  by: string
  /** Of the patch's pixels, whose models broke; 0 to 1. */
  share: number
  /** That it is a break of the season and not chance; 0 to 1. */
  probability: number
}

const dayOf = (unixDay: number): string => new Date(unixDay * 86_400_000).toISOString().slice(0, 10)

/** Undefined where no seasonal model broke (pairs, areas that are not watched long enough). */
export function seasonBreakOf(facts: Readonly<Record<string, number>> | undefined): SeasonBreak | undefined {
  const { break_after_unix_day: after, break_by_unix_day: by, break_share: share, break_probability: probability } = facts ?? {}
  if (after === undefined || by === undefined || share === undefined || probability === undefined) return undefined
  return { after: dayOf(after), by: dayOf(by), share, probability }
}
