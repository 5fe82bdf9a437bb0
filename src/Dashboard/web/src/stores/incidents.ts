import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { api } from '@/api/client'
import type { Incident } from '@/api/types'
import { useAlerts } from './alerts'

/** Least time between two looks: incidents change with the warnings, many of which may come at once. */
const PAUSE_MILLISECONDS = 15_000

/** Incidents that space and ground both tell of, by the warnings that are part of them. */
export const useIncidents = defineStore('incidents', () => {
  const alerts = useAlerts()
  const found = shallowRef<Incident[]>([])
  let lookedAt = 0
  let waiting: ReturnType<typeof setTimeout> | undefined

  const byAlert = computed(() => {
    const map = new Map<string, Incident>()
    for (const incident of found.value) for (const piece of incident.evidence) if (piece.alertId) map.set(piece.alertId, incident)
    return map
  })

  async function load(): Promise<void> {
    lookedAt = Date.now()
    try {
      found.value = (await api.incidents({ corroborated: true, limit: 200 })).items
    } catch {
      // The cards stand without the mark; the next change of a warning tries again.
    }
  }

  watch(() => alerts.list.reduce((last, alert) => Math.max(last, alert.sequence), 0), (now, before) => {
    if (now === before || waiting !== undefined) return
    waiting = setTimeout(() => {
      waiting = undefined
      void load()
    }, Math.max(0, lookedAt + PAUSE_MILLISECONDS - Date.now()))
  })

  return { byAlert, load }
})
