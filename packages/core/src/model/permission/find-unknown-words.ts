import type { CompiledRule } from './compiled-rule.ts'
import type { RuleSet } from './rule-set.ts'

/** A rule that says what the vocabulary does not know, and in which words. */
export interface UnknownWords {
  readonly rule: number
  readonly effect: CompiledRule['effect']
  readonly words: readonly string[]
}

/** Lists what a role says that the vocabulary has lost, or never had. */
export function findUnknownWords({ rules }: RuleSet): readonly UnknownWords[] {
  return rules.flatMap(({ index, effect, unknown }) =>
    unknown.length === 0 ? [] : [{ rule: index, effect, words: unknown }],
  )
}
