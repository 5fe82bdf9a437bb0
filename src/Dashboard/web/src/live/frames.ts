/**
 * The rule of the warnings hub, without any connection: a frame continues where the last one ended, or something was missed.
 * A scope's filtered changes make no gap, because `through` moves on over them.
 */
import type { AlertChange } from '@/api/types'

export interface AlertFrame {
  /** Sequence that the frame continues from. */
  after: number
  /** Sequence up to which everything in the scope has now been told. */
  through: number
  items: AlertChange[]
}

export type FrameVerdict =
  /** Take the items and move on to `through`. */
  | { kind: 'apply'; through: number; items: AlertChange[] }
  /** Everything in it is known already (a frame that was under way while we subscribed again). */
  | { kind: 'stale' }
  /** Something between is missing: subscribe again from `from`. */
  | { kind: 'gap'; from: number }

/** Judges a frame against the last `through`. Items at or below it have been told before and are left out. */
export function judgeFrame(through: number, frame: AlertFrame): FrameVerdict {
  if (frame.after === through) {
    return { kind: 'apply', through: Math.max(through, frame.through), items: frame.items.filter((c) => c.sequence > through) }
  }
  if (frame.through <= through) return { kind: 'stale' }
  return { kind: 'gap', from: through }
}

export interface SubscribeAnswer {
  head: number
  resync: boolean
}

/** What to do after the hub answered a subscription. */
export function judgeAnswer(answer: SubscribeAnswer): { kind: 'follow' } | { kind: 'resync'; head: number } {
  return answer.resync ? { kind: 'resync', head: answer.head } : { kind: 'follow' }
}

/** Milliseconds before the next attempt to connect: 1 s, 2 s, 4 s … at most 30 s, with up to 20 % added so that pages do not storm. */
export function retryDelayMilliseconds(attempt: number, chance: number): number {
  const base = Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 5))
  return Math.round(base * (1 + 0.2 * chance))
}
