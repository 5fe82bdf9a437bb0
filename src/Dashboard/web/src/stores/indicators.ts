import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { api } from '@/api/client'
import type { IndicatorDefinition } from '@/api/types'

/** The definitions of indicators by code, for the names that warnings carry. */
export const useIndicators = defineStore('indicators', () => {
  const definitions = shallowRef<IndicatorDefinition[]>([])
  let asked = false

  /** Once for the session; where it fails, codes stand in for names and the next one who asks tries again. */
  async function load(): Promise<void> {
    if (asked) return
    asked = true
    try {
      definitions.value = await api.indicators()
    } catch {
      asked = false
    }
  }

  const byCode = computed(() => new Map(definitions.value.map((definition) => [definition.code, definition])))

  return { byCode, load }
})
