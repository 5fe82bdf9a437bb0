import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import { en } from '@/i18n/en'
import { plural } from '@/i18n/plural'
import { zh } from '@/i18n/zh'

const leaves = (node: unknown): string[] => (typeof node === 'string' ? [node] : node && typeof node === 'object' ? Object.values(node).flatMap(leaves) : [])

describe('plural', () => {
  it.each([
    ['1 conflict[s]', '1 conflict'], ['2 conflict[s]', '2 conflicts'], ['0 conflict[s]', '0 conflicts'], ['21 conflict[s]', '21 conflicts'], ['1,001 case[s]', '1,001 cases'], ['1.0 case[s]', '1.0 cases'],
    ['seen in 1 pass[es]', 'seen in 1 pass'], ['seen in 3 satellite pass[es]', 'seen in 3 satellite passes'], ['1 score[s] and 12 outcome[s]', '1 score and 12 outcomes'],
    ['12 score[s] and 1 outcome[s], looked at 1 time[s]', '12 scores and 1 outcome, looked at 1 time'], ['case[s] without a number', 'cases without a number'], ['no ending [here]', 'no ending [here]'],
  ])('%s is %s', (text, expected) => expect(plural(text)).toBe(expected))

  it('the words of the page say one conflict and two conflicts', () => {
    const i18n = createI18n({ legacy: false, locale: 'en', messages: { en }, postTranslation: (text) => (typeof text === 'string' ? plural(text) : text) })
    expect(i18n.global.t('conflicts.found', { count: 1 })).toBe('1 conflict')
    expect(i18n.global.t('conflicts.found', { count: 2 })).toBe('2 conflicts')
  })

  it('no English word behind a placeholder is a bare plural', () => {
    const bare = leaves(en).flatMap((text) => text.match(/\{(count|cases|sites|outcomes|rows|passes|conflicts|points)\} (?:satellite )?[a-z]+s\b(?!\[)/g) ?? [])
    expect(bare).toEqual([])
  })

  it('Chinese carries no endings', () => expect(leaves(zh).filter((text) => /\[e?s\]/.test(text))).toEqual([]))
})
