import { describe, expect, it } from 'vitest'
import { en } from '@/i18n/en'
import { zh } from '@/i18n/zh'

function flat(node: object, head = ''): Map<string, string> {
  const all = new Map<string, string>()
  for (const [key, value] of Object.entries(node)) {
    const path = head ? `${head}.${key}` : key
    if (typeof value === 'string') all.set(path, value)
    else for (const [inner, text] of flat(value as object, path)) all.set(inner, text)
  }
  return all
}

const chinese = flat(zh)
const english = flat(en)
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').sort()

describe('dictionaries', () => {
  it('have the same keys', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
  })
  it('have no empty text', () => {
    for (const [key, text] of [...chinese, ...english]) expect(text.trim(), key).not.toBe('')
  })
  it('fill the same places', () => {
    for (const [key, text] of chinese) expect([...new Set(holes(english.get(key) ?? ''))], key).toEqual([...new Set(holes(text))])
  })
  it('use no sign that has a meaning of its own in a message', () => {
    for (const [key, text] of [...chinese, ...english]) expect(/[|@]/.test(text), `${key}: ${text}`).toBe(false)
  })
  it('write Chinese in Chinese and English without Chinese characters', () => {
    for (const [key, text] of english) if (key !== 'language.switchTo') expect(/\p{Script=Han}/u.test(text), `${key}: ${text}`).toBe(false)
  })
  it('say 疑似 in every headline before an outcome', () => {
    for (const [key, text] of chinese) if (key.startsWith('headline.suspected.')) expect(text, key).toContain('疑似')
    for (const [key, text] of english) if (key.startsWith('headline.suspected.')) expect(text, key).toMatch(/suspected/i)
  })
})
