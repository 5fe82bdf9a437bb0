/** A code with its facts, see reasons.md. Facts are text, culture-invariant. */
export interface Reason {
  code: string
  facts: Record<string, string>
}
