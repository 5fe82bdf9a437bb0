import { createI18n } from 'vue-i18n'
import type { Locale } from '@/format/locale'
import { en } from './en'
import { plural } from './plural'
import { zh } from './zh'

const STORED = 'monitoring.language'

/** `?lang=` in the address first, then what the reader chose last, then Chinese. */
export function firstLocale(search: string, stored: string | null): Locale {
  const asked = new URLSearchParams(search).get('lang') ?? stored ?? ''
  return asked.toLowerCase().startsWith('en') ? 'en' : 'zh'
}

const first = firstLocale(window.location.search, window.localStorage.getItem(STORED))
// An address that names the language also chooses it for the pages that follow.
window.localStorage.setItem(STORED, first)

export const i18n = createI18n({
  legacy: false,
  locale: first,
  fallbackLocale: 'zh',
  messages: { zh, en },
  postTranslation: (text) => (typeof text === 'string' ? plural(text) : text),
})

export function setLocale(locale: Locale): void {
  i18n.global.locale.value = locale
  window.localStorage.setItem(STORED, locale)
  const address = new URL(window.location.href)
  if (address.searchParams.has('lang')) {
    address.searchParams.set('lang', locale)
    window.history.replaceState(window.history.state, '', address)
  }
  showLocale()
}

/** Tells the browser (fonts, screen readers) which language the page is in. */
export function showLocale(): void {
  const locale = i18n.global.locale.value
  document.documentElement.lang = locale === 'zh' ? 'zh-CN' : 'en'
  document.title = i18n.global.t('app.title')
}
