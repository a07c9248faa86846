import type { Restriction } from '../access-token.ts'
import type { CompiledPermissions, HeldRules } from './compile-rules.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { RuleList } from './rule-list.ts'
import type { PermissionRules, RuleSet } from './rule-set.ts'
import type { DeclaredPermission, Vocabulary } from './vocabulary.ts'

/** The most permissions of one restriction. */
export const MOST_RESTRICTION_WORDS = 64

/** The most bytes of all its words together, so that the token that carries them stays short enough to be read. */
export const MOST_RESTRICTION_BYTES = 1024

/** Tells whether a restriction lets a permission, or all that a wildcard stands for, pass. */
export function isWithin(restriction: Restriction | undefined, word: string): boolean {
  return restriction === undefined || restriction.some((within) => covers(within, word))
}

/** The same permissions, cut to a restriction: an allow keeps what both name, a deny keeps all. */
export function restrict(
  compiled: CompiledPermissions,
  restriction: Restriction,
): CompiledPermissions {
  const cut = (held: HeldRules): HeldRules => ({
    ...held,
    rules: new RestrictedRuleSet(held.rules, restriction),
  })
  return {
    ...compiled,
    everywhere: compiled.everywhere.map(cut),
    byProject: new Map([...compiled.byProject].map(([project, held]) => [project, held.map(cut)])),
  }
}

/** A wildcard covers itself, and what is added later: the next one up alone covers it as well. */
function covers(word: string, other: string): boolean {
  if (word === '*' || word === other) return true
  return word.endsWith(':*') && other.startsWith(word.slice(0, -1))
}

/** Rules seen through a restriction. What was compiled stays shared: nothing is compiled for one token. */
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
    return this.#whole.rules.flatMap((rule) => cutRule(rule, this.#restriction))
  }

  about(permission: DeclaredPermission): PermissionRules {
    const whole = this.#whole.about(permission)
    if (isWithin(this.#restriction, permission.name)) return whole
    return { denies: whole.denies, allows: NO_RULES }
  }
}

const NO_RULES: RuleList = { entries: [], index: () => undefined }

function cutRule(rule: CompiledRule, restriction: Restriction): readonly CompiledRule[] {
  if (rule.effect === 'deny') return [rule]
  const words = meet(rule.words, restriction)
  if (words.length === 0) return []
  const allow = words as NonNullable<CompiledRule['rule']['allow']>
  const { where } = rule.rule
  return [{ ...rule, words, rule: { allow, ...(where !== undefined && { where }) } }]
}

/** What both lists name: of two words that meet, the narrower one. */
function meet(words: readonly string[], restriction: Restriction): readonly string[] {
  const both = words.flatMap((word) => {
    if (isWithin(restriction, word)) return [word]
    return restriction.filter((within) => covers(word, within))
  })
  return [...new Set(both)]
}
