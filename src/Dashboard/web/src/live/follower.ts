import type { AlertChange, LatestObservation } from '@/api/types'
import { judgeAnswer, judgeFrame, retryDelayMilliseconds, type AlertFrame } from './frames'
import type { HubScope, WarningsHub } from './hub'

export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'stopped'

export interface FollowerOptions {
  open: () => Promise<WarningsHub>
  scope: HubScope
  /** The last sequence that the page has seen. */
  from: number
  onChanges: (changes: AlertChange[], through: number) => void
  /** Read everything again; answers the sequence that the fresh state stands at. */
  onResync: (head: number) => Promise<number>
  onObservations: (observations: LatestObservation[]) => void
  onState: (state: ConnectionState) => void
  /** Waits; injected so that tests need no clock. */
  wait: (milliseconds: number) => Promise<void>
  chance: () => number
}

const MOST_ROUNDS = 5

/**
 * Follows the alert sequence: connects, subscribes from the last sequence, checks each frame, and connects again for ever.
 * Nothing is told twice and nothing is left out: after a gap or a broken connection it goes on from its last `through`.
 */
export class Follower {
  private hub: WarningsHub | undefined
  private through: number
  private telemetry: string[] = []
  private stopped = false
  private subscribing = false
  private again = false

  constructor(private readonly options: FollowerOptions) {
    this.through = options.from
  }

  get lastSequence(): number {
    return this.through
  }

  async run(): Promise<void> {
    let attempt = 0
    this.options.onState('connecting')
    while (!this.stopped) {
      try {
        const hub = await this.options.open()
        const closed = new Promise<void>((resolve) => hub.onClosed(resolve))
        hub.onAlerts((frame) => this.take(frame))
        hub.onObservations((observations) => this.options.onObservations(observations))
        await hub.start()
        this.hub = hub
        if (this.stopped) {
          await hub.stop()
          return
        }
        await this.subscribe()
        if (this.telemetry.length > 0) await hub.subscribeTelemetry(this.telemetry)
        attempt = 0
        this.options.onState('live')
        await closed
      } catch {
        // Refused, unreachable or broken while subscribing: all end in another attempt, and the state says so.
        await this.hub?.stop().catch(() => undefined)
      }
      this.hub = undefined
      if (this.stopped) return
      this.options.onState('reconnecting')
      await this.options.wait(retryDelayMilliseconds(attempt++, this.options.chance()))
    }
  }

  async stop(): Promise<void> {
    this.stopped = true
    this.options.onState('stopped')
    await this.hub?.stop()
  }

  /** Replaces the set of datastreams whose observations are wanted. */
  async watch(datastreamIds: string[]): Promise<void> {
    this.telemetry = datastreamIds
    await this.hub?.subscribeTelemetry(datastreamIds).catch(() => undefined)
  }

  private take(frame: AlertFrame): void {
    const verdict = judgeFrame(this.through, frame)
    if (verdict.kind === 'apply') {
      this.through = verdict.through
      if (verdict.items.length > 0) this.options.onChanges(verdict.items, verdict.through)
    } else if (verdict.kind === 'gap') {
      void this.resubscribe()
    }
  }

  private async resubscribe(): Promise<void> {
    try {
      await this.subscribe()
    } catch {
      // The connection is gone: closing it brings the loop round.
      await this.hub?.stop().catch(() => undefined)
    }
  }

  /** One subscription at a time; a gap seen meanwhile asks for one more round. */
  private async subscribe(): Promise<void> {
    if (this.subscribing) {
      this.again = true
      return
    }
    this.subscribing = true
    let rounds = 0
    try {
      do {
        // A hub that never lets us follow must not be asked in a tight loop: give up the connection, which waits before the next.
        if (++rounds > MOST_ROUNDS) throw new Error('The hub asked for a fresh start again and again.')
        this.again = false
        const hub = this.hub
        if (!hub) return
        const before = this.through
        const verdict = judgeAnswer(await hub.subscribe(this.options.scope, before))
        if (verdict.kind === 'resync') {
          this.through = await this.options.onResync(verdict.head)
          this.again = true
        }
      } while (this.again && !this.stopped)
    } finally {
      this.subscribing = false
    }
  }
}
