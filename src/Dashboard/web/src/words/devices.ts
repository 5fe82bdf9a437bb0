/** When a device counts as silent: three times its shortest expected interval without a word, never less than ten minutes. */
import type { Device } from '@/api/types'

export type DeviceStatus = 'live' | 'silent' | 'never' | 'disabled'

const LEAST_SECONDS = 600
const IRREGULAR_SECONDS = 86_400

export function silentAfterSeconds(device: Pick<Device, 'datastreams'>): number {
  const intervals = device.datastreams.map((d) => d.expectedIntervalSeconds).filter((s): s is number => typeof s === 'number' && s > 0)
  return intervals.length === 0 ? IRREGULAR_SECONDS : Math.max(LEAST_SECONDS, 3 * Math.min(...intervals))
}

export function deviceStatus(device: Device, now: number, heard: string | null | undefined = device.lastReceived): DeviceStatus {
  if (!device.enabled) return 'disabled'
  if (!heard) return 'never'
  return now - Date.parse(heard) > silentAfterSeconds(device) * 1000 ? 'silent' : 'live'
}
