import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { api } from '@/api/client'
import type { SceneSummary } from '@/api/types'
import { dayIndex, sceneDays, type SceneDay } from '@/map/scenes'
import { useAlerts } from './alerts'
import { useSession } from './session'

/** How long an image stays under the map before a newer one may replace it by itself. */
const KEEP_MILLISECONDS = 60_000

/**
 * The catalogue by days, and the day that maps show when nobody chose one. That day stays for a while even when newer images
 * come in quickly, so that the ground does not change under the reader; how many are newer is told.
 */
export const useScenes = defineStore('scenes', () => {
  const alerts = useAlerts()
  const session = useSession()
  const scenes = shallowRef<SceneSummary[]>([])
  const kept = ref<string>()
  let keptAt = 0

  const days = computed<SceneDay[]>(() => sceneDays(scenes.value, session.timeZone))
  /** Index of the day to show by itself; -1 without scenes. */
  const current = computed(() => dayIndex(days.value, kept.value))
  const newest = computed(() => dayIndex(days.value, undefined))
  const shown = computed<SceneDay | undefined>(() => days.value[current.value])

  async function load(): Promise<void> {
    try {
      scenes.value = await api.scenes({ limit: 400 })
    } catch {
      // The map stands without images; the next look at the overview tries again.
    }
    if (kept.value === undefined) follow()
  }

  /** Shows the newest clear day from now on. */
  function follow(): void {
    kept.value = days.value[newest.value]?.day
    keptAt = Date.now()
  }

  /** A newer image may come under the map now, if the last one was there long enough. */
  function mayFollow(): void {
    if (current.value !== newest.value && Date.now() - keptAt >= KEEP_MILLISECONDS) follow()
  }

  watch(() => alerts.overview?.newestScene?.id, (id, before) => {
    if (id && (before !== undefined || scenes.value.length === 0)) void load()
  })

  return { days, current, newest, shown, load, follow, mayFollow }
})
