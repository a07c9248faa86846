import type { Rule } from '../rule.ts'
import type { Test } from './condition.ts'
import { compileTests } from './condition.ts'
import type { DeclaredResource, Vocabulary } from './vocabulary.ts'
import { SEPARATORS } from './vocabulary.ts'

/** One condition of a compiled rule. */
export interface Condition {
  readonly attribute: string
  readonly tests: readonly Test[]
}

/** A rule, ready to be asked. */
export interface CompiledRule {
  readonly rule: Rule
  /** Its place in its role. */
  readonly index: number
  readonly effect: 'allow' | 'deny'
  readonly words: readonly string[]
  readonly conditions: readonly Condition[]
  /** Words that the vocabulary does not have: with one of them, an allow grants nothing. */
  readonly unknown: readonly string[]
}

/** Tells whether an allow grants anything, or a deny denies anything: a deny always does. */
export function isEffective({ effect, unknown }: CompiledRule): boolean {
  return effect === 'deny' || unknown.length === 0
}

/** Compiles one rule: an allow or a deny, or both where another version wrote both. */
export function compileRule(
  vocabulary: Vocabulary,
  rule: Rule,
  index: number,
): readonly CompiledRule[] {
  const conditions = Object.entries(rule.where ?? {}).map(([attribute, match]) => ({
    attribute,
    tests: compileTests(match, separatorsOf(vocabulary, rule, attribute)),
  }))
  return (['allow', 'deny'] as const).flatMap((effect) => {
    const words = rule[effect]
    if (words === undefined) return []
    const unknown = [...findUnknown(vocabulary, words, conditions)]
    return [{ rule, index, effect, words, conditions, unknown }]
  })
}

/** A rule names resources that agree about the kind of an attribute; parsing saw to that. */
function separatorsOf(vocabulary: Vocabulary, rule: Rule, attribute: string): string {
  for (const word of [...(rule.allow ?? []), ...(rule.deny ?? [])]) {
    const declared = vocabulary.resources
      .get(resourceOf(word))
      ?.attributes.find(({ name }) => name === attribute)
    if (declared) return SEPARATORS[declared.kind]
  }
  return SEPARATORS.text
}

/** The resource of a permission as a rule may name it; nothing for `*`. */
export function resourceOf(word: string): string {
  return word.slice(0, Math.max(0, word.indexOf(':')))
}

function findUnknown(
  vocabulary: Vocabulary,
  words: readonly string[],
  conditions: readonly Condition[],
): ReadonlySet<string> {
  const operators = conditions.flatMap(({ tests }) =>
    tests.flatMap((test) => (test.kind === 'unknown' ? [test.word] : [])),
  )
  const others = words.flatMap((word) => {
    const resource = vocabulary.resources.get(resourceOf(word))
    const isKnown = word === '*' || vocabulary.permissions.has(word) || isWildcardOf(resource, word)
    if (!isKnown) return [word]
    const declared = new Set(resource?.attributes.map(({ name }) => name))
    return conditions.map(({ attribute }) => attribute).filter((name) => !declared.has(name))
  })
  return new Set([...others, ...operators])
}

const isWildcardOf = (resource: DeclaredResource | undefined, word: string): boolean =>
  resource !== undefined && word === `${resource.name}:*`
