import { describe, expect, it } from 'vitest'
import { withheldWords } from '@/words/places'
import { locales, translator } from './words'

describe('withheldWords', () => {
  it('names the layer in both languages and never says that something is there', () => {
    for (const language of locales) {
      const t = translator(language)
      for (const layer of ['regions', 'control-lines', 'permits', 'parcels', 'plans']) {
        const said = withheldWords({ layer, because: 'grade' }, t)
        expect(said).not.toContain(layer === 'control-lines' ? layer : '{')
        expect(said).not.toContain('place.')
      }
      expect(withheldWords({ because: 'region' }, t)).not.toContain('place.')
      expect(withheldWords({ layer: 'roads', because: 'grade' }, t)).toContain('roads')
    }
  })
})
