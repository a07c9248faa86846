import type { CompiledPermissions } from '../../src/model/permission/compile-rules.ts'
import { compileRules } from '../../src/model/permission/compile-rules.ts'
import type { Decision } from '../../src/model/permission/decide.ts'
import { decide } from '../../src/model/permission/decide.ts'
import type { Exceeding } from '../../src/model/permission/exceeds.ts'
import { exceeds } from '../../src/model/permission/exceeds.ts'
import { parseRules } from '../../src/model/permission/parse-rules.ts'
import { compileRuleSet } from '../../src/model/permission/rule-set.ts'
import { compileVocabulary } from '../../src/model/permission/vocabulary.ts'
import type { Rule } from '../../src/model/rule.ts'
import type { Scope } from '../../src/model/scope.ts'
import { resources } from './naive.ts'

// One principal at a time, with a role in one scope, and questions about it in a line each.

export const vocabulary = compileVocabulary(resources)

export type SaidRule = Rule<typeof resources>

export const now = new Date('2026-05-04T12:00:00.000Z')

export const acme: Scope = { organization: 'acme' }
export const one: Scope = { organization: 'acme', project: 'one' }
export const two: Scope = { organization: 'acme', project: 'two' }

interface Holding {
  readonly scope?: Scope
  readonly from?: Date
  readonly until?: Date
  readonly references?: Readonly<Record<string, string>>
}

/** Somebody who holds these rules, in project `one` unless told otherwise. */
export function holding(
  rules: readonly SaidRule[],
  { scope = one, references = {}, ...window }: Holding = {},
): CompiledPermissions {
  return together([{ scope, ...window, rules }], references)
}

/** Somebody who holds several roles. */
export function together(
  roles: readonly (Omit<Holding, 'references'> & { readonly rules: readonly SaidRule[] })[],
  references: Readonly<Record<string, string>> = {},
): CompiledPermissions {
  const bound = roles.map(({ scope = one, rules, ...window }, index) => ({
    binding: `bnd_${index}`,
    role: `role-${index}`,
    scope,
    ...window,
    rules: compileRuleSet(vocabulary, rules),
  }))
  return compileRules(vocabulary, bound, new Map(Object.entries(references)))
}

/** Rules as they come from a store that knew other words. */
export const stored = (rules: readonly unknown[]): readonly SaidRule[] =>
  rules as readonly SaidRule[]

/** What a decision about a secret of project `one` is. */
export function ask(
  who: CompiledPermissions,
  attributes: Readonly<Record<string, unknown>>,
  { permission = 'secret:read', scope = one, at = now } = {},
): Decision['reason'] {
  return decide(who, { permission, scope, attributes }, at).reason
}

/** What somebody may beyond somebody else. */
export function beyond(
  mine: CompiledPermissions,
  theirs: CompiledPermissions,
): Exceeding | undefined {
  return exceeds(mine, theirs, now)
}

/** What is wrong with rules, or nothing. */
export function problemOf(rules: unknown, scope?: 'organization' | 'project'): string | undefined {
  const parsed = parseRules(vocabulary, rules, scope)
  return typeof parsed === 'string' ? parsed : undefined
}

/** Every order of a short list. */
export function permutations<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length <= 1) return [items]
  return items.flatMap((item, at) =>
    permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]),
  )
}
