import { defineStore } from 'pinia'
import { computed, ref, shallowRef, triggerRef } from 'vue'
import { api } from '@/api/client'
import type { Alert, AlertChange, AlertState, Overview } from '@/api/types'

const PAGE = 200

export type AlertOrder = 'newest' | 'likelihood'

/**
 * Alerts that were read, in the order they stand in the list. What arrives live goes on top and changes nothing below it;
 * an alert that changes stays where it is.
 */
export const useAlerts = defineStore('alerts', () => {
  const overview = ref<Overview>()
  const byId = shallowRef(new Map<string, Alert>())
  const places = shallowRef<string[]>([])
  const order = ref<AlertOrder>('newest')
  const states = ref<AlertState[]>([])
  const next = ref<number>()
  /** The same in the order by likelihood. */
  const nextAfter = ref<string>()
  const loading = ref(false)
  const failure = ref<unknown>()
  /** Ids that arrived live since the page was opened and were not looked at yet. */
  const fresh = shallowRef(new Set<string>())
  /** Warnings to announce, oldest first. */
  const toasts = ref<Alert[]>([])
  const loadedAt = ref<string>()

  const hasMore = computed(() => next.value !== undefined || nextAfter.value !== undefined)
  const list = computed(() => places.value.map((id) => byId.value.get(id)).filter((alert) => alert !== undefined))

  async function loadOverview(): Promise<Overview> {
    overview.value = await api.overview()
    return overview.value
  }

  async function load(wanted: readonly AlertState[], by: AlertOrder = order.value): Promise<void> {
    loading.value = true
    order.value = by
    states.value = [...wanted]
    try {
      const page = await api.alerts({ states: wanted, limit: PAGE, order: by === 'likelihood' ? by : undefined })
      byId.value = new Map(page.items.map((alert) => [alert.id, alert]))
      places.value = page.items.map((alert) => alert.id)
      next.value = page.next ?? undefined
      nextAfter.value = page.nextAfter ?? undefined
      failure.value = undefined
      loadedAt.value = new Date().toISOString()
    } catch (error) {
      failure.value = error
    } finally {
      loading.value = false
    }
  }

  async function loadMore(): Promise<void> {
    if (!hasMore.value || loading.value) return
    loading.value = true
    try {
      const page = await api.alerts({ states: states.value, limit: PAGE, ...(order.value === 'likelihood' ? { order: order.value, after: nextAfter.value } : { before: next.value }) })
      for (const alert of page.items) {
        if (!byId.value.has(alert.id)) places.value = [...places.value, alert.id]
        take(alert)
      }
      next.value = page.next ?? undefined
      nextAfter.value = page.nextAfter ?? undefined
      triggerRef(byId)
    } finally {
      loading.value = false
    }
  }

  /** Keeps the newer of what is known and what came. */
  function take(alert: Alert): boolean {
    const known = byId.value.get(alert.id)
    if (known && known.sequence > alert.sequence) return false
    byId.value.set(alert.id, alert)
    return true
  }

  function apply(changes: readonly AlertChange[]): void {
    const arrived: string[] = []
    const warned: Alert[] = []
    for (const change of changes) {
      const { alert } = change
      if (change.kind === 'withdrawn') {
        // It went away before it fired: there is nothing left to look at.
        byId.value.delete(alert.id)
        continue
      }
      const isNew = !byId.value.has(alert.id)
      if (!take(alert)) continue
      if (isNew && states.value.includes(alert.state)) arrived.unshift(alert.id)
      if (change.kind === 'fired') warned.push(alert)
    }
    if (arrived.length > 0) {
      places.value = [...arrived, ...places.value]
      fresh.value = new Set([...fresh.value, ...arrived])
    }
    if (warned.length > 0) {
      fresh.value = new Set([...fresh.value, ...warned.map((alert) => alert.id)])
      toasts.value = [...toasts.value, ...warned].slice(-50)
    }
    triggerRef(byId)
  }

  /** Puts an alert that was read by itself (an address with ?alert=) among the known ones. */
  function remember(alert: Alert): void {
    take(alert)
    triggerRef(byId)
  }

  function seen(id: string): void {
    if (!fresh.value.has(id)) return
    const rest = new Set(fresh.value)
    rest.delete(id)
    fresh.value = rest
  }

  function dropToasts(): void {
    toasts.value = []
  }

  return { overview, byId, list, states, order, hasMore, loading, failure, fresh, toasts, loadedAt, loadOverview, load, loadMore, apply, remember, seen, dropToasts }
})
