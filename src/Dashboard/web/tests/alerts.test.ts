import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/client'
import type { Alert, AlertChange, AlertChangeKind, AlertState } from '@/api/types'
import { useAlerts } from '@/stores/alerts'

const alert = (id: string, sequence: number, state: AlertState = 'firing'): Alert => ({
  id, fingerprint: id, ruleId: 'r', subject: { kind: 'site', id }, state, severity: 'major', verdict: 'conflict', score: 1, startsAt: '2026-05-01T00:00:00Z', lastHeldAt: '2026-05-01T00:00:00Z', findingId: 'f', reasons: [], findingCount: 1, sequence,
})
const change = (kind: AlertChangeKind, about: Alert): AlertChange => ({ sequence: about.sequence, kind, at: '2026-05-01T00:00:00Z', actor: 'system', alert: about })
const ids = (): string[] => useAlerts().list.map((item) => item.id)

beforeEach(async () => {
  setActivePinia(createPinia())
  vi.spyOn(api, 'alerts').mockResolvedValue({ items: [alert('b', 2), alert('a', 1)] })
  await useAlerts().load(['firing', 'pending'])
})

describe('alerts that arrive', () => {
  it('stand on top, the newest first, and leave the others where they are', () => {
    useAlerts().apply([change('fired', alert('c', 3)), change('fired', alert('d', 4))])
    expect(ids()).toEqual(['d', 'c', 'b', 'a'])
    expect([...useAlerts().fresh].sort()).toEqual(['c', 'd'])
  })
  it('are announced when they fire, and only then', () => {
    useAlerts().apply([change('pended', alert('c', 3, 'pending')), change('updated', alert('a', 4)), change('fired', alert('b', 5))])
    expect(useAlerts().toasts.map((item) => item.id)).toEqual(['b'])
  })
  it('change in place', () => {
    useAlerts().apply([change('acknowledged', { ...alert('a', 3), acknowledgedBy: '周岚' })])
    expect(ids()).toEqual(['b', 'a'])
    expect(useAlerts().byId.get('a')?.acknowledgedBy).toBe('周岚')
  })
  it('never go back to an older state', () => {
    useAlerts().apply([change('updated', { ...alert('b', 1), score: 0.1 })])
    expect(useAlerts().byId.get('b')?.score).toBe(1)
  })
  it('stay out of a list that does not ask for their state', () => {
    useAlerts().apply([change('resolved', alert('c', 3, 'resolved'))])
    expect(ids()).toEqual(['b', 'a'])
  })
  it('go when they are withdrawn', () => {
    useAlerts().apply([change('withdrawn', alert('a', 3, 'pending'))])
    expect(ids()).toEqual(['b'])
  })
  it('are no longer new once they were looked at', () => {
    useAlerts().apply([change('fired', alert('c', 3))])
    useAlerts().seen('c')
    expect(useAlerts().fresh.size).toBe(0)
  })
})
