export type Locale = 'zh' | 'en'

/** What a formatter has to know about the reader. */
export interface Reader {
  locale: Locale
  /** IANA zone that times are shown in (session.timeZone). */
  timeZone: string
}

export const intlTag = (locale: Locale): string => (locale === 'zh' ? 'zh-CN' : 'en-GB')
