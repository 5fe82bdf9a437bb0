import type { Person, PersonForm, Role } from '@/api/types'
import type { Translate } from './reasons'

export const roles: readonly Role[] = ['viewer', 'officer', 'administrator']

/** What the form holds while somebody types. */
export interface PersonDraft {
  name: string
  displayName: string
  role: Role
  limited: boolean
  /** Prefixes as typed: digits with anything between them. */
  prefixes: string
}

/** A new person sees nothing more than what is typed in: the limit is on until somebody takes it off. */
export const emptyDraft = (): PersonDraft => ({ name: '', displayName: '', role: 'viewer', limited: true, prefixes: '' })

export const draftOf = (person: Person): PersonDraft => ({
  name: person.name, displayName: person.displayName, role: person.role, limited: person.regionPrefixes !== null, prefixes: (person.regionPrefixes ?? []).join(' '),
})

/** Prefixes of a text, each once. Blanks, commas of both widths and 、 separate them. */
export const prefixesOf = (text: string): string[] => [...new Set(text.split(/[\s,，、;；]+/).filter(Boolean))]

export const formOf = (draft: PersonDraft): PersonForm => ({
  displayName: draft.displayName.trim(), role: draft.role, regionPrefixes: draft.limited ? prefixesOf(draft.prefixes) : null,
})

/** What is wrong with the draft, one sentence each; the server has the last word. */
export function personFaults(draft: PersonDraft, isNew: boolean, t: Translate): string[] {
  const faults: string[] = []
  if (isNew && !/^[A-Za-z0-9._-]{1,64}$/.test(draft.name)) faults.push(t('people.faults.name'))
  if (draft.displayName.trim().length > 100) faults.push(t('people.faults.displayName'))
  const prefixes = prefixesOf(draft.prefixes)
  if (draft.limited && (prefixes.length === 0 || prefixes.length > 100 || !prefixes.every((prefix) => /^[0-9]{2,12}$/.test(prefix)))) faults.push(t('people.faults.prefixes'))
  return faults
}

/** 全部地区 / 仅 3201、320611. */
export const regionsWords = (person: Pick<Person, 'regionPrefixes'>, t: Translate): string =>
  person.regionPrefixes === null ? t('people.everything') : t('people.limitedTo', { codes: person.regionPrefixes.join(t('common.and')) })

export const personMatches = (person: Person, search: string): boolean => {
  const wanted = search.trim().toLowerCase()
  return !wanted || `${person.name} ${person.displayName}`.toLowerCase().includes(wanted)
}
