import { describe, expect, it } from 'vitest'
import type { Alert, AlertChange } from '@/api/types'
import { judgeAnswer, judgeFrame, retryDelayMilliseconds } from '@/live/frames'

const change = (sequence: number): AlertChange => ({ sequence, kind: 'fired', at: '2026-05-01T00:00:00Z', actor: 'system', alert: { id: `a${sequence}`, sequence } as Alert })

describe('judgeFrame', () => {
  it('takes a frame that continues where the last one ended', () => {
    expect(judgeFrame(5, { after: 5, through: 7, items: [change(6), change(7)] })).toEqual({ kind: 'apply', through: 7, items: [change(6), change(7)] })
  })
  it('moves on over changes that the scope filtered out', () => {
    expect(judgeFrame(5, { after: 5, through: 90, items: [] })).toEqual({ kind: 'apply', through: 90, items: [] })
  })
  it('sees a gap and names the sequence to go on from', () => {
    expect(judgeFrame(5, { after: 6, through: 7, items: [change(7)] })).toEqual({ kind: 'gap', from: 5 })
  })
  it('drops a frame of an earlier subscription', () => {
    expect(judgeFrame(9, { after: 5, through: 9, items: [change(6)] })).toEqual({ kind: 'stale' })
  })
  it('calls it a gap when an old frame also reaches beyond what is known', () => {
    expect(judgeFrame(9, { after: 5, through: 12, items: [change(10)] })).toEqual({ kind: 'gap', from: 9 })
  })
  it('tells no item twice', () => {
    expect(judgeFrame(5, { after: 5, through: 7, items: [change(5), change(7)] })).toMatchObject({ items: [{ sequence: 7 }] })
  })
  it('never goes back', () => {
    expect(judgeFrame(5, { after: 5, through: 4, items: [] })).toMatchObject({ through: 5 })
  })
})

describe('judgeAnswer', () => {
  it('follows, or reads everything again', () => {
    expect(judgeAnswer({ head: 8, resync: false })).toEqual({ kind: 'follow' })
    expect(judgeAnswer({ head: 8, resync: true })).toEqual({ kind: 'resync', head: 8 })
  })
})

describe('retryDelayMilliseconds', () => {
  it('doubles up to half a minute and spreads by a fifth', () => {
    expect([0, 1, 2, 5, 50].map((attempt) => retryDelayMilliseconds(attempt, 0))).toEqual([1000, 2000, 4000, 30_000, 30_000])
    expect(retryDelayMilliseconds(0, 1)).toBe(1200)
  })
})
