/** The warnings hub as the pages need it; tests put a fake in its place. */
import type { LatestObservation } from '@/api/types'
import type { AlertFrame, SubscribeAnswer } from './frames'

export interface HubScope {
  regionPrefixes?: string[]
  states?: string[]
}

export interface WarningsHub {
  start(): Promise<void>
  stop(): Promise<void>
  subscribe(scope: HubScope, lastSequence: number): Promise<SubscribeAnswer>
  subscribeTelemetry(datastreamIds: string[]): Promise<void>
  onAlerts(action: (frame: AlertFrame) => void): void
  onObservations(action: (observations: LatestObservation[]) => void): void
  onClosed(action: () => void): void
}

/** The hub over SignalR. The library loads only when somebody is signed in. */
export async function openSignalR(address: string): Promise<WarningsHub> {
  const { HubConnectionBuilder, LogLevel } = await import('@microsoft/signalr')
  const connection = new HubConnectionBuilder().withUrl(address).configureLogging(LogLevel.Error).build()
  // Reconnecting is the follower's work: only it knows from which sequence to go on.
  return {
    start: () => connection.start(),
    stop: () => connection.stop(),
    subscribe: (scope, lastSequence) => connection.invoke<SubscribeAnswer>('Subscribe', scope, lastSequence),
    subscribeTelemetry: async (ids) => {
      await connection.invoke('SubscribeTelemetry', ids)
    },
    onAlerts: (action) => connection.on('Alerts', action),
    onObservations: (action) => connection.on('Observations', action),
    onClosed: (action) => connection.onclose(() => action()),
  }
}
