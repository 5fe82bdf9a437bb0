import { ApiError } from '@/api/http'
import type { Translate } from './reasons'

/** One sentence about what went wrong, for the reader. */
export function faultWords(error: unknown, t: Translate): string {
  if (!(error instanceof ApiError)) return t('common.unknownError', { detail: error instanceof Error ? error.message : String(error) })
  if (error.unreachable) return t('common.unreachable')
  const wait = error.retryAfterSeconds ? ` ${t('common.retryAfter', { seconds: error.retryAfterSeconds })}` : ''
  if (error.status === 403) return t('common.forbidden')
  if (error.status === 404) return t('common.missing')
  return (error.detail || t('common.unknownError', { detail: String(error.status) })) + wait
}
