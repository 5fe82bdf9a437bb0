import { onScopeDispose, readonly, ref, type Ref } from 'vue'

const now = ref(Date.now())
let users = 0
let timer: number | undefined

/** The present in milliseconds, renewed every 15 s for as long as somebody shows it. */
export function useNow(): Readonly<Ref<number>> {
  users++
  now.value = Date.now()
  timer ??= window.setInterval(() => (now.value = Date.now()), 15_000)
  onScopeDispose(() => {
    if (--users === 0) {
      window.clearInterval(timer)
      timer = undefined
    }
  })
  return readonly(now)
}
