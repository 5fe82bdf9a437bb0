import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef, type WatchSource } from 'vue'

export interface Loaded<T> {
  data: ShallowRef<T | undefined>
  failure: Ref<unknown>
  loading: Ref<boolean>
  reload: () => Promise<void>
}

/** Loads now and whenever `source` changes. An answer that was overtaken by a newer question is dropped; old data stays until then. */
export function useLoad<T, S>(source: WatchSource<S>, read: (value: S, signal: AbortSignal) => Promise<T>, keep = true): Loaded<T> {
  const data = shallowRef<T>()
  const failure = ref<unknown>()
  const loading = ref(false)
  let current: AbortController | undefined
  let value: S

  async function reload(): Promise<void> {
    current?.abort()
    const mine = new AbortController()
    current = mine
    loading.value = true
    try {
      const answer = await read(value, mine.signal)
      if (current !== mine) return
      data.value = answer
      failure.value = undefined
    } catch (error) {
      if (current !== mine) return
      failure.value = error
    }
    loading.value = false
  }

  watch(source, (next) => {
    value = next
    if (!keep) data.value = undefined
    void reload()
  }, { immediate: true })
  onScopeDispose(() => current?.abort())
  return { data, failure, loading, reload }
}
