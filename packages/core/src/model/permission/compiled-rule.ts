import type { Rule } from '../rule.ts'
import type { Test } from './condition.ts'
import { compileTests } from './condition.ts'
import type { DeclaredAttribute, DeclaredResource, Vocabulary } from './vocabulary.ts'
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
  const where: Readonly<Record<string, unknown>> = rule.where ?? NO_WHERE
  const conditions: Condition[] = []
  for (const attribute of Object.keys(where)) {
    const separators = separatorsOf(vocabulary, rule, attribute)
    conditions.push({ attribute, tests: compileTests(where[attribute], separators) })
  }
  const compiled: CompiledRule[] = []
  for (const effect of EFFECTS) {
    const words = rule[effect]
    if (words === undefined) continue
    const unknown = findUnknown(vocabulary, words, conditions)
    compiled.push({ rule, index, effect, words, conditions, unknown })
  }
  return compiled
}

const NO_WHERE = {}

const EFFECTS = ['allow', 'deny'] as const

/** A rule names resources that agree about the kind of an attribute; parsing saw to that. */
function separatorsOf(vocabulary: Vocabulary, rule: Rule, attribute: string): string {
  for (const effect of EFFECTS)
    for (const word of rule[effect] ?? NO_WORDS) {
      const resource = vocabulary.resources.get(resourceOf(word))
      const declared = resource && findAttribute(resource, attribute)
      if (declared) return SEPARATORS[declared.kind]
    }
  return SEPARATORS.text
}

const NO_WORDS: readonly string[] = []

/** The resource of a permission as a rule may name it; nothing for `*`. */
export function resourceOf(word: string): string {
  return word.slice(0, Math.max(0, word.indexOf(':')))
}

function findUnknown(
  vocabulary: Vocabulary,
  words: readonly string[],
  conditions: readonly Condition[],
): readonly string[] {
  const unknown: string[] = []
  for (const word of words) addUnknownTo(unknown, vocabulary, word, conditions)
  for (const { tests } of conditions)
    for (const test of tests) if (test.kind === 'unknown') unknown.push(test.word)
  return unknown.length > 1 ? [...new Set(unknown)] : unknown
}

/** A word that is not known, or the attributes that its resource does not have. */
function addUnknownTo(
  unknown: string[],
  vocabulary: Vocabulary,
  word: string,
  conditions: readonly Condition[],
): void {
  const resource = vocabulary.resources.get(resourceOf(word))
  const isKnown = word === '*' || vocabulary.permissions.has(word) || isWildcardOf(resource, word)
  if (!isKnown) {
    unknown.push(word)
    return
  }
  for (const { attribute } of conditions)
    if (resource === undefined || !findAttribute(resource, attribute)) unknown.push(attribute)
}

const isWildcardOf = (resource: DeclaredResource | undefined, word: string): boolean =>
  resource !== undefined && word === `${resource.name}:*`

function findAttribute(
  { attributes }: DeclaredResource,
  name: string,
): DeclaredAttribute | undefined {
  for (const attribute of attributes) if (attribute.name === name) return attribute
  return undefined
}
