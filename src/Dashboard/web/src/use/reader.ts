import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Locale, Reader } from '@/format/locale'
import { useSession } from '@/stores/session'
import type { NameSource, Translate } from '@/words/reasons'
import { useDevices } from '@/stores/devices'

/** Language and zone of the reader, and a plain translate function, for the pure formatters. */
export function useReader() {
  const { t, locale } = useI18n()
  const session = useSession()
  const devices = useDevices()
  const reader = computed<Reader>(() => ({ locale: locale.value as Locale, timeZone: session.timeZone }))
  const translate: Translate = (key, named) => (named ? t(key, named) : t(key))
  const names: NameSource = {
    thing: (id) => {
      const thing = devices.things.get(id)
      return thing && (reader.value.locale === 'en' && thing.nameEn ? thing.nameEn : thing.name)
    },
  }
  return { t: translate, reader, names }
}
