import { onScopeDispose, readonly, ref, type Ref } from 'vue'

/** True on narrow screens, where panels become bottom sheets. */
export function usePhone(): Readonly<Ref<boolean>> {
  const query = window.matchMedia('(max-width: 760px)')
  const phone = ref(query.matches)
  const change = (): void => {
    phone.value = query.matches
  }
  query.addEventListener('change', change)
  onScopeDispose(() => query.removeEventListener('change', change))
  return readonly(phone)
}

export const calmMotion = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches
