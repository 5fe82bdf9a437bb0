import { afterEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/client'
import type { Person } from '@/api/types'
import { draftOf, emptyDraft, formOf, personFaults, personMatches, prefixesOf, regionsWords } from '@/words/people'
import { locales, translator } from './words'

const wang: Person = { name: 'wang', displayName: '王芳', role: 'officer', regionPrefixes: ['3201', '320611'], mustChangePassword: false }
const zh = translator('zh')

describe('the form of a person', () => {
  it('begins limited, so that nobody sees everything by oversight', () => {
    expect(emptyDraft()).toMatchObject({ role: 'viewer', limited: true })
    expect(personFaults({ ...emptyDraft(), name: 'li' }, true, zh)).toEqual([zh('people.faults.prefixes')])
  })
  it('sends back what it was filled with', () => {
    expect(formOf(draftOf(wang))).toEqual({ displayName: '王芳', role: 'officer', regionPrefixes: ['3201', '320611'] })
    expect(formOf(draftOf({ ...wang, regionPrefixes: null }))).toMatchObject({ regionPrefixes: null })
  })
  it('forgets the prefixes when the limit is taken off', () => expect(formOf({ ...draftOf(wang), limited: false }).regionPrefixes).toBeNull())
  it.each([['3201 320611', ['3201', '320611']], ['3201，320611、3201', ['3201', '320611']], ['  ', []]])('reads prefixes from "%s"', (text, prefixes) => expect(prefixesOf(text)).toEqual(prefixes))
  it.each(['', '3', '32a1', '1234567890123'])('refuses the prefixes "%s"', (prefixes) => expect(personFaults({ ...draftOf(wang), prefixes }, false, zh)).toEqual([zh('people.faults.prefixes')]))
  it.each(['', 'a b', '王', 'x'.repeat(65)])('refuses the user name "%s"', (name) => expect(personFaults({ ...draftOf(wang), name }, true, zh)).toEqual([zh('people.faults.name')]))
  it('has nothing against a good one', () => {
    for (const locale of locales) expect(personFaults(draftOf(wang), true, translator(locale))).toEqual([])
  })
})

describe('the words of a person', () => {
  it('name the regions', () => {
    expect(regionsWords(wang, zh)).toBe('仅 3201、320611')
    expect(regionsWords({ regionPrefixes: null }, translator('en'))).toBe('All regions')
  })
  it('are found by either name', () => expect(['WANG', '芳', '', 'li'].map((text) => personMatches(wang, text))).toEqual([true, true, true, false]))
})

describe('the requests', () => {
  afterEach(() => vi.unstubAllGlobals())
  const answer = (body: unknown) => {
    const fetch = vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), { status: 200 })))
    vi.stubGlobal('fetch', fetch)
    return fetch as unknown as { mock: { calls: [string, RequestInit][] } }
  }
  it('change a person with every field, null for everything', async () => {
    const fetch = answer(wang)
    await api.changePerson('a/b', { displayName: 'x', role: 'viewer', regionPrefixes: null })
    const [path, init] = fetch.mock.calls[0]!
    expect([path, init.method, init.body]).toEqual(['/api/users/a%2Fb', 'PUT', '{"displayName":"x","role":"viewer","regionPrefixes":null}'])
    expect(init.headers).toMatchObject({ 'X-Requested-With': 'monitoring' })
  })
  it('reset a password and give the new one', async () => {
    const fetch = answer({ password: 'once' })
    expect(await api.resetPassword('wang')).toEqual({ password: 'once' })
    expect([fetch.mock.calls[0]![0], fetch.mock.calls[0]![1].method]).toEqual(['/api/users/wang/password', 'POST'])
  })
})
