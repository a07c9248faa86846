import { wordsFor } from '../rule.ts'
import type { CompiledPermissions, HeldRules } from './compile-rules.ts'
import type { CompiledRule } from './compiled-rule.ts'
import { isEffective, resourceOf } from './compiled-rule.ts'
import { createRuleList } from './rule-list.ts'
import type { PermissionRules, RuleSet } from './rule-set.ts'
import type { DeclaredPermission, Vocabulary } from './vocabulary.ts'

/** What a token may be used for at the most, in the words of rules: `secret:read`, `secret:*`, `*`. */
export type Restriction = readonly string[]

/** More words than any request needs. */
const MOST_WORDS = 100

/** Says why something is no restriction that a caller may ask for, or nothing where it is one. */
export function refuseRestriction(vocabulary: Vocabulary, said: unknown): string | undefined {
  if (!Array.isArray(said) || said.length === 0 || said.length > MOST_WORDS)
    return `permissions must be a list of 1 to ${MOST_WORDS} permissions`
  const words: readonly unknown[] = said
  return words.every((word) => typeof word === 'string' && isWord(vocabulary, word))
    ? undefined
    : 'permissions must be permissions of the vocabulary'
}

/** Cuts one restriction by another: what both of them include. An empty one allows nothing. */
export function meetRestrictions(
  standing: Restriction | undefined,
  wanted: Restriction | undefined,
): Restriction | undefined {
  if (standing === undefined || wanted === undefined) return wanted ?? standing
  return meetWords(standing, wanted)
}

/**
 * The same permissions, cut by what a token may be used for. Denies stay as they are; an allow keeps only what the
 * restriction includes too, so that a wildcard of the future stays one only where both have it.
 */
export function restrict(
  compiled: CompiledPermissions,
  restriction: Restriction,
): CompiledPermissions {
  const cut = (held: HeldRules): HeldRules => ({
    ...held,
    rules: new RestrictedRuleSet(held.rules, restriction),
  })
  const byProject = [...compiled.byProject].map(([id, all]) => [id, all.map(cut)] as const)
  return { ...compiled, everywhere: compiled.everywhere.map(cut), byProject: new Map(byProject) }
}

class RestrictedRuleSet implements RuleSet {
  readonly vocabulary: Vocabulary
  readonly #whole: RuleSet
  readonly #restriction: Restriction

  constructor(whole: RuleSet, restriction: Restriction) {
    this.vocabulary = whole.vocabulary
    this.#whole = whole
    this.#restriction = restriction
  }

  get rules(): readonly CompiledRule[] {
    return this.#whole.rules.map((rule) => cutRule(rule, this.#restriction))
  }

  about(permission: DeclaredPermission): PermissionRules {
    const whole = this.#whole.about(permission)
    const { resource, action } = permission
    const isIncluded = wordsFor(resource.name, action).some((word) =>
      this.#restriction.includes(word),
    )
    return isIncluded ? whole : { denies: whole.denies, allows: createRuleList([], resource) }
  }
}

/** An allow that grants nothing stays as it is: with fewer words it might grant something. */
function cutRule(compiled: CompiledRule, restriction: Restriction): CompiledRule {
  if (compiled.effect === 'deny' || !isEffective(compiled)) return compiled
  const words = meetWords(compiled.words, restriction)
  const { deny: _deny, ...rule } = compiled.rule
  return { ...compiled, words, rule: { ...rule, allow: words } as CompiledRule['rule'] }
}

function meetWords(some: readonly string[], others: readonly string[]): readonly string[] {
  const met = some.flatMap((one) =>
    others.flatMap((other) => {
      if (includes(one, other)) return [other]
      return includes(other, one) ? [one] : []
    }),
  )
  return [...new Set(met)]
}

function includes(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === '*') return true
  return narrow !== '*' && wide === `${resourceOf(narrow)}:*`
}

function isWord({ resources, permissions }: Vocabulary, word: string): boolean {
  return word === '*' || permissions.has(word) || isWildcard(resources, word)
}

function isWildcard(resources: Vocabulary['resources'], word: string): boolean {
  return word.endsWith(':*') && resources.has(word.slice(0, -2))
}
