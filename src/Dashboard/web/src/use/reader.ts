import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Locale, Reader } from '@/format/locale'
import { useSession } from '@/stores/session'
import type { NameSource, Translate } from '@/words/reasons'
import { useAlerts } from '@/stores/alerts'
import { useDevices } from '@/stores/devices'

/** Language and zone of the reader, and a plain translate function, for the pure formatters. */
export function useReader() {
  const { t, locale } = useI18n()
  const session = useSession()
  const devices = useDevices()
  const alerts = useAlerts()
  const reader = computed<Reader>(() => ({ locale: locale.value as Locale, timeZone: session.timeZone }))
  const translate: Translate = (key, named) => (named ? t(key, named) : t(key))
  const names: NameSource = {
    thing: (id) => {
      const thing = devices.things.get(id)
      return thing && (reader.value.locale === 'en' && thing.nameEn ? thing.nameEn : thing.name)
    },
  }
  /** The name of an alert's region in the reader's language. */
  const regionName = (alert: { regionCode?: string | null; regionName?: string | null }): string => {
    const region = alerts.overview?.regions.find((known) => known.code === alert.regionCode)
    if (region) return reader.value.locale === 'en' && region.nameEn ? region.nameEn : region.name
    return alert.regionName || alert.regionCode || translate('card.unknownRegion')
  }
  return { t: translate, reader, names, regionName }
}
