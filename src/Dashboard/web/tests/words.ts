import { createI18n } from 'vue-i18n'
import type { Locale, Reader } from '@/format/locale'
import { en } from '@/i18n/en'
import { zh } from '@/i18n/zh'
import type { Translate } from '@/words/reasons'

export function translator(locale: Locale): Translate {
  const i18n = createI18n({ legacy: false, locale, messages: { zh, en }, missingWarn: false, fallbackWarn: false })
  return (key, named) => (named ? i18n.global.t(key, named) : i18n.global.t(key))
}

export const readerOf = (locale: Locale): Reader => ({ locale, timeZone: 'Asia/Shanghai' })
export const locales: readonly Locale[] = ['zh', 'en']
