import { defineStore } from 'pinia'
import { ref } from 'vue'

const STORED = 'monitoring.theme'
export type Theme = 'light' | 'dark'

export const usePreferences = defineStore('preferences', () => {
  const theme = ref<Theme>(window.localStorage.getItem(STORED) === 'dark' ? 'dark' : 'light')

  function show(): void {
    document.documentElement.dataset['theme'] = theme.value
  }

  function toggleTheme(): void {
    theme.value = theme.value === 'light' ? 'dark' : 'light'
    window.localStorage.setItem(STORED, theme.value)
    show()
  }

  return { theme, show, toggleTheme }
})
