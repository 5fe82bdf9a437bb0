import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api } from '@/api/client'
import type { Device } from '@/api/types'

export const useDevices = defineStore('devices', () => {
  const devices = ref<Device[]>([])
  const loaded = ref(false)
  const failure = ref<unknown>()

  async function load(): Promise<void> {
    try {
      devices.value = await api.devices()
      failure.value = undefined
      loaded.value = true
    } catch (error) {
      failure.value = error
    }
  }

  const things = computed(() => new Map(devices.value.map((device) => [device.thing.id, device.thing])))

  return { devices, loaded, failure, things, load }
})
