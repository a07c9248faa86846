import type { CompiledRule } from './compiled-rule.ts'
import { compileRule, isEffective } from './compiled-rule.ts'
import type { Rule } from './rule.ts'
import { wordsFor } from './rule.ts'
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
  readonly about: (permission: DeclaredPermission) => PermissionRules
}

/** Compiles the rules of a role. Words that the vocabulary lacks are kept: they allow nothing and deny what they can. */
export function compileRuleSet(vocabulary: Vocabulary, rules: readonly Rule[]): RuleSet {
  const compiled = rules.flatMap((rule, index) => compileRule(vocabulary, rule, index))
  const byWord = new Map<string, CompiledRule[]>()
  for (const rule of compiled)
    for (const word of rule.words) {
      const sharing = byWord.get(word)
      if (sharing) sharing.push(rule)
      else byWord.set(word, [rule])
    }
  const table: (PermissionRules | undefined)[] = []
  return {
    vocabulary,
    rules: compiled,
    about: (permission) => (table[permission.index] ??= gather(byWord, permission)),
  }
}

function gather(
  byWord: ReadonlyMap<string, readonly CompiledRule[]>,
  { resource, action }: DeclaredPermission,
): PermissionRules {
  const words = wordsFor(resource.name, action)
  const rules = new Set(words.flatMap((word) => byWord.get(word) ?? []))
  const effective = [...rules].filter(isEffective)
  return {
    denies: createRuleList(
      effective.filter(({ effect }) => effect === 'deny'),
      resource,
    ),
    allows: createRuleList(
      effective.filter(({ effect }) => effect === 'allow'),
      resource,
    ),
  }
}
