/**
 * English words behind a number: `{count} conflict[s]`, `{count} pass[es]`. What stands in brackets is left out behind a lone 1. The nearest number before the
 * word counts. Chinese has no such endings, so its words never carry brackets.
 */
export function plural(text: string): string {
  return text.replace(/(\d[\d.,\u00a0\u202f]*)([^\d[\]]*)\[(e?s)\]/g, (_, number: string, between: string, ending: string) => `${number}${between}${number.trim() === '1' ? '' : ending}`)
    .replace(/\[(e?s)\]/g, '$1')
}
