import { defineStore } from 'pinia'
import { ref, shallowRef, triggerRef } from 'vue'
import { addresses, api } from '@/api/client'
import type { LatestObservation } from '@/api/types'
import { Follower, type ConnectionState } from '@/live/follower'
import { openSignalR, type WarningsHub } from '@/live/hub'
import { defaultStates } from '@/url/viewState'
import { useAlerts } from './alerts'

let openHub: () => Promise<WarningsHub> = () => openSignalR(addresses.hub)

/** Tests put another hub in its place. */
export function useHub(open: () => Promise<WarningsHub>): void {
  openHub = open
}

/** The one connection to the warnings hub, shared by all pages. */
export const useLive = defineStore('live', () => {
  const state = ref<ConnectionState>('stopped')
  const sequence = ref(0)
  const latest = shallowRef(new Map<string, LatestObservation>())
  const observed = ref(0)
  let follower: Follower | undefined
  let starting = false
  let wanted = false
  let startTimer: number | undefined

  /** Between two attempts to read the first state, while the server does not answer. */
  const START_AGAIN_MILLISECONDS = 5_000
  let refreshTimer: number | undefined
  let overviewTimer: number | undefined

  async function start(): Promise<void> {
    wanted = true
    window.clearTimeout(startTimer)
    if (follower || starting) return
    starting = true
    state.value = 'connecting'
    const alerts = useAlerts()
    try {
      // The head first, then the state: what happens in between is told again by the hub and taken once.
      const overview = await alerts.loadOverview()
      sequence.value = overview.lastSequence
      if (alerts.states.length === 0) await alerts.load(defaultStates)
    } catch (error) {
      alerts.failure = error
      starting = false
      state.value = wanted ? 'reconnecting' : 'stopped'
      if (wanted) startTimer = window.setTimeout(() => void start(), START_AGAIN_MILLISECONDS)
      return
    }
    if (!wanted) {
      starting = false
      state.value = 'stopped'
      return
    }
    follower = new Follower({
      open: openHub,
      scope: {},
      from: sequence.value,
      onChanges: (changes, through) => {
        sequence.value = through
        alerts.apply(changes)
        refreshSoon()
      },
      onResync: async (head) => {
        await alerts.load(alerts.states)
        sequence.value = head
        refreshSoon()
        return head
      },
      onObservations: take,
      onState: (next) => (state.value = next),
      wait: (milliseconds) => new Promise((resolve) => window.setTimeout(resolve, milliseconds)),
      chance: () => Math.random(),
    })
    starting = false
    overviewTimer = window.setInterval(refreshSoon, OVERVIEW_MILLISECONDS)
    void follower.run()
  }

  function refreshSoon(): void {
    if (refreshTimer !== undefined) return
    refreshTimer = window.setTimeout(() => {
      refreshTimer = undefined
      useAlerts().loadOverview().catch(() => undefined)
    }, 1500)
  }

  function take(observations: readonly LatestObservation[]): void {
    for (const observation of observations) {
      const known = latest.value.get(observation.id)
      // A late result is news about the past, not the newest value.
      if (!known || Date.parse(observation.time) >= Date.parse(known.time)) latest.value.set(observation.id, observation)
    }
    observed.value++
    triggerRef(latest)
  }

  async function loadLatest(): Promise<void> {
    take(await api.latest())
  }

  async function watch(datastreamIds: string[]): Promise<void> {
    await follower?.watch(datastreamIds)
    // What came between the page's first reading and the subscription is in neither: read once more behind it.
    if (datastreamIds.length > 0) await loadLatest().catch(() => undefined)
  }

  /** Counts and the newest scene change without any alert; they are looked at twice a minute. */
  const OVERVIEW_MILLISECONDS = 30_000

  async function stop(): Promise<void> {
    wanted = false
    window.clearTimeout(startTimer)
    window.clearInterval(overviewTimer)
    const running = follower
    follower = undefined
    latest.value = new Map()
    await running?.stop()
  }

  return { state, sequence, latest, observed, start, stop, watch, loadLatest }
})
