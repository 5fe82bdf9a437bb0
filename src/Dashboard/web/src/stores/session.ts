import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api } from '@/api/client'
import type { Session } from '@/api/types'

export const useSession = defineStore('session', () => {
  const session = ref<Session>()
  const failure = ref<unknown>()

  async function refresh(): Promise<Session | undefined> {
    try {
      session.value = await api.session()
      failure.value = undefined
    } catch (error) {
      failure.value = error
    }
    return session.value
  }

  async function signIn(user: string, password: string): Promise<void> {
    await api.signIn(user, password)
    await refresh()
  }

  async function signOut(): Promise<void> {
    await api.signOut()
    await refresh()
  }

  function forget(): void {
    if (session.value) session.value = { ...session.value, signedIn: false, user: undefined }
  }

  const user = computed(() => session.value?.user)
  const isOfficer = computed(() => user.value?.role === 'officer' || user.value?.role === 'administrator')
  /** An administrator without region limit: who keeps the people. */
  const keepsPeople = computed(() => user.value?.role === 'administrator' && user.value.regionPrefixes === null)
  const demonstration = computed(() => session.value?.demonstration ?? false)
  const timeZone = computed(() => session.value?.timeZone || 'Asia/Shanghai')

  const baseMap = computed(() => session.value?.baseMap ?? undefined)

  return { baseMap, session, failure, user, isOfficer, keepsPeople, demonstration, timeZone, refresh, signIn, signOut, forget }
})
