import type { Rule } from '../rule.ts'
import { wordsFor } from '../rule.ts'
import type { CompiledRule } from './compiled-rule.ts'
import { compileRule, isEffective } from './compiled-rule.ts'
import type { RuleList } from './rule-list.ts'
import { createRuleList } from './rule-list.ts'
import type { DeclaredPermission, Vocabulary } from './vocabulary.ts'

/** The rules that speak about one permission. */
export interface PermissionRules {
  readonly denies: RuleList
  readonly allows: RuleList
}

/**
 * The compiled rules of one role. They know nothing of who holds it: whoever holds an equal role shares them.
 */
export interface RuleSet {
  readonly vocabulary: Vocabulary
  readonly rules: readonly CompiledRule[]
  /** The rules about a permission, gathered when it is first asked for. */
  about(permission: DeclaredPermission): PermissionRules
}

/**
 * Takes the rules of a role. Words that the vocabulary lacks are kept: they allow nothing and deny what they can.
 *
 * A rule is compiled when a permission is first asked for that it names: most roles are asked about few.
 */
export function compileRuleSet(vocabulary: Vocabulary, rules: readonly Rule[]): RuleSet {
  return new LazyRuleSet(vocabulary, rules)
}

/** A class, because an object with a getter of its own is a dictionary to V8, and every look at it a search. */
class LazyRuleSet implements RuleSet {
  readonly vocabulary: Vocabulary
  readonly #written: readonly Rule[]
  readonly #byWord: Indexes
  readonly #compiled: (readonly CompiledRule[] | undefined)[] = []
  readonly #table: (PermissionRules | undefined)[] = []

  constructor(vocabulary: Vocabulary, written: readonly Rule[]) {
    this.vocabulary = vocabulary
    this.#written = written
    this.#byWord = groupByWord(written)
  }

  get rules(): readonly CompiledRule[] {
    return this.#written.flatMap((_, index) => this.#compile(index))
  }

  about(permission: DeclaredPermission): PermissionRules {
    const known = this.#table[permission.index]
    if (known !== undefined) return known
    const gathered = gather(this.#byWord, (index) => this.#compile(index), permission)
    this.#table[permission.index] = gathered
    return gathered
  }

  #compile(index: number): readonly CompiledRule[] {
    const known = this.#compiled[index]
    if (known !== undefined) return known
    const compiled = compileRule(this.vocabulary, this.#written[index] ?? NO_RULE, index)
    this.#compiled[index] = compiled
    return compiled
  }
}

const NO_RULE: Rule = { allow: [] }

type Indexes = ReadonlyMap<string, readonly number[]>

function groupByWord(rules: readonly Rule[]): Indexes {
  const byWord = new Map<string, number[]>()
  for (const [index, { allow, deny }] of rules.entries())
    for (const words of [allow, deny])
      for (const word of words ?? []) {
        const sharing = byWord.get(word)
        if (sharing) sharing.push(index)
        else byWord.set(word, [index])
      }
  return byWord
}

function gather(
  byWord: Indexes,
  compile: (index: number) => readonly CompiledRule[],
  { resource, action }: DeclaredPermission,
): PermissionRules {
  const words = wordsFor(resource.name, action)
  const rules = { deny: [] as CompiledRule[], allow: [] as CompiledRule[] }
  for (const index of indexesOf(byWord, words))
    for (const rule of compile(index))
      if (isEffective(rule) && rule.words.some((word) => words.includes(word)))
        rules[rule.effect].push(rule)
  return {
    denies: createRuleList(rules.deny, resource),
    allows: createRuleList(rules.allow, resource),
  }
}

/** The rules that say one of these words, each of them once. */
function indexesOf(byWord: Indexes, words: readonly string[]): Iterable<number> {
  const [first = NO_INDEXES, ...others] = words.flatMap((word) => {
    const indexes = byWord.get(word)
    return indexes === undefined ? [] : [indexes]
  })
  return others.length === 0 ? first : new Set([...first, ...others.flat()])
}

const NO_INDEXES: readonly number[] = []
