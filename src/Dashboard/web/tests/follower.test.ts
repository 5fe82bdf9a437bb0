import { describe, expect, it } from 'vitest'
import type { Alert, AlertChange, LatestObservation } from '@/api/types'
import { Follower, type ConnectionState } from '@/live/follower'
import type { AlertFrame, SubscribeAnswer } from '@/live/frames'
import type { HubScope, WarningsHub } from '@/live/hub'

const change = (sequence: number): AlertChange => ({ sequence, kind: 'fired', at: '2026-05-01T00:00:00Z', actor: 'system', alert: { id: `a${sequence}`, sequence } as Alert })

/** A hub of a register that the test writes; it can lose frames and break. */
class FakeHub implements WarningsHub {
  alerts: (frame: AlertFrame) => void = () => {}
  observations: (observations: LatestObservation[]) => void = () => {}
  closed: () => void = () => {}
  subscriptions: number[] = []
  telemetry: string[][] = []
  constructor(readonly answers: (last: number) => SubscribeAnswer, readonly failStart = false) {}
  start(): Promise<void> { return this.failStart ? Promise.reject(new Error('refused')) : Promise.resolve() }
  stop(): Promise<void> { this.closed(); return Promise.resolve() }
  subscribe(_scope: HubScope, last: number): Promise<SubscribeAnswer> { this.subscriptions.push(last); return Promise.resolve(this.answers(last)) }
  subscribeTelemetry(ids: string[]): Promise<void> { this.telemetry.push(ids); return Promise.resolve() }
  onAlerts(action: (frame: AlertFrame) => void): void { this.alerts = action }
  onObservations(action: (observations: LatestObservation[]) => void): void { this.observations = action }
  onClosed(action: () => void): void { this.closed = action }
}

interface World {
  follower: Follower
  told: number[]
  states: ConnectionState[]
  waits: number[]
  resyncs: number[]
}

function follow(hubs: FakeHub[], from: number): World {
  const told: number[] = []
  const states: ConnectionState[] = []
  const waits: number[] = []
  const resyncs: number[] = []
  let next = 0
  const follower = new Follower({
    open: () => { const hub = hubs[next++]; return hub ? Promise.resolve(hub) : new Promise(() => {}) },
    scope: {}, from, chance: () => 0,
    onChanges: (changes) => told.push(...changes.map((c) => c.sequence)),
    onResync: (head) => { resyncs.push(head); return Promise.resolve(head) },
    onObservations: () => {},
    onState: (state) => states.push(state),
    wait: (milliseconds) => { waits.push(milliseconds); return Promise.resolve() },
  })
  return { follower, told, states, waits, resyncs }
}

/** Lets everything that is ready to run run. */
const settle = async (): Promise<void> => { for (let i = 0; i < 40; i++) await Promise.resolve() }
const plain = (): SubscribeAnswer => ({ head: 0, resync: false })

describe('Follower', () => {
  it('subscribes from the last sequence and tells what follows', async () => {
    const hub = new FakeHub(plain)
    const world = follow([hub], 5)
    void world.follower.run()
    await settle()
    hub.alerts({ after: 5, through: 6, items: [change(6)] })
    expect(hub.subscriptions).toEqual([5])
    expect(world.told).toEqual([6])
    expect(world.states).toEqual(['connecting', 'live'])
  })

  it('after a gap subscribes again from its last through and tells each change once', async () => {
    const hub = new FakeHub(plain)
    const world = follow([hub], 5)
    void world.follower.run()
    await settle()
    hub.alerts({ after: 5, through: 6, items: [change(6)] })
    hub.alerts({ after: 8, through: 9, items: [change(9)] })
    await settle()
    hub.alerts({ after: 6, through: 9, items: [change(7), change(8), change(9)] })
    expect(hub.subscriptions).toEqual([5, 6])
    expect(world.told).toEqual([6, 7, 8, 9])
  })

  it('after a broken connection goes on from its last through', async () => {
    const first = new FakeHub(plain)
    const second = new FakeHub(plain)
    const world = follow([first, second], 5)
    void world.follower.run()
    await settle()
    first.alerts({ after: 5, through: 11, items: [change(11)] })
    first.closed()
    await settle()
    expect(second.subscriptions).toEqual([11])
    expect(world.states).toEqual(['connecting', 'live', 'reconnecting', 'live'])
    expect(world.waits).toEqual([1000])
  })

  it('tries again when nobody answers, waiting longer each time', async () => {
    const world = follow([new FakeHub(plain, true), new FakeHub(plain, true), new FakeHub(plain)], 0)
    void world.follower.run()
    await settle()
    expect(world.waits).toEqual([1000, 2000])
    expect(world.states.at(-1)).toBe('live')
  })

  it('reads everything again when it is too far behind, and follows from the head', async () => {
    const hub = new FakeHub((last) => (last < 90 ? { head: 100, resync: true } : { head: 100, resync: false }))
    const world = follow([hub], 5)
    void world.follower.run()
    await settle()
    expect(world.resyncs).toEqual([100])
    expect(hub.subscriptions).toEqual([5, 100])
    hub.alerts({ after: 100, through: 101, items: [change(101)] })
    expect(world.told).toEqual([101])
  })

  it('does not ask in a tight loop when the hub wants a fresh start for ever', async () => {
    const hub = new FakeHub((last) => ({ head: last + 1, resync: true }))
    const world = follow([hub], 5)
    void world.follower.run()
    await settle()
    expect(hub.subscriptions.length).toBeLessThanOrEqual(5)
    expect(world.states.at(-1)).toBe('reconnecting')
  })

  it('asks for its datastreams again after reconnecting', async () => {
    const first = new FakeHub(plain)
    const second = new FakeHub(plain)
    const world = follow([first, second], 0)
    void world.follower.run()
    await settle()
    await world.follower.watch(['d/pm10'])
    first.closed()
    await settle()
    expect(first.telemetry).toEqual([['d/pm10']])
    expect(second.telemetry).toEqual([['d/pm10']])
  })

  it('ends when stopped', async () => {
    const hub = new FakeHub(plain)
    const world = follow([hub], 0)
    const run = world.follower.run()
    await settle()
    await world.follower.stop()
    await run
    expect(world.states.at(-1)).toBe('stopped')
    expect(world.waits).toEqual([])
  })
})
