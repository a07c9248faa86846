import type { Rule } from '../rule.ts'
import type { Scope } from '../scope.ts'
import type { CompiledPermissions, HeldRules } from './compile-rules.ts'
import { allHeld, isOpen } from './compile-rules.ts'
import type { CompiledRule } from './compiled-rule.ts'
import { appraise } from './condition.ts'
import type { Decision, Request } from './decide.ts'
import { decide, readValues } from './decide.ts'
import type { Entry, Values } from './rule-list.ts'
import { findHolding, findNotFailing } from './rule-list.ts'
import type { DeclaredPermission } from './vocabulary.ts'

/** One rule, of which role, held by which binding. */
export interface RuleSource {
  readonly binding: string
  /** Absent for rules that are bound directly. */
  readonly role?: string
  readonly scope: Scope
  /** Its place in the role. */
  readonly index: number
  readonly rule: Rule
}

/** Why a rule did not allow: the place, the time, or an attribute, and whether that was missing. */
export type Miss =
  | { readonly kind: 'scope' }
  | { readonly kind: 'window'; readonly from?: Date; readonly until?: Date }
  | { readonly kind: 'attribute'; readonly attribute: string; readonly known: boolean }
  /** The vocabulary has lost some of its words. */
  | { readonly kind: 'unknown'; readonly words: readonly string[] }

/** A decision and its reasons. */
export type Explanation = Decision & {
  /** The rule that allowed or denied. */
  readonly by?: RuleSource
  /** Where nothing allows: the allow with the fewest misses. */
  readonly nearest?: RuleSource & { readonly misses: readonly Miss[] }
}

/** Explains a decision: the rule that made it, or the nearest one and what it missed. */
export function explain(compiled: CompiledPermissions, request: Request, now: Date): Explanation {
  const decision = decide(compiled, request, now)
  const asked = compiled.vocabulary.permissions.get(request.permission)
  const values = asked && readValues(asked, request.attributes)
  if (asked === undefined || typeof values === 'string' || values === undefined) return decision
  const question = { asked, values, scope: request.scope, at: now.getTime() }
  if (decision.reason === 'not_granted') {
    const nearest = findNearest(compiled, question)
    return nearest === undefined ? decision : { ...decision, nearest }
  }
  const by = findDeciding(compiled, question, decision.allowed)
  return by === undefined ? decision : { ...decision, by }
}

interface Question {
  readonly asked: DeclaredPermission
  readonly values: Values
  readonly scope: Scope
  readonly at: number
}

type Nearest = NonNullable<Explanation['nearest']>

function findDeciding(
  compiled: CompiledPermissions,
  { asked, values, scope, at }: Question,
  allowed: boolean,
): RuleSource | undefined {
  for (const held of allHeld(compiled)) {
    if (!isIn(held, scope) || !isOpen(held, at)) continue
    const { allows, denies } = held.rules.about(asked)
    const found = allowed
      ? findHolding(allows, values, compiled.references)
      : findNotFailing(denies, values, compiled.references)
    if (found) return toSource(held, found.rule)
  }
  return undefined
}

/** A rule bound to an organization reaches its projects; one bound to a project reaches nothing else. */
function isIn({ scope: bound }: HeldRules, { organization, project }: Scope): boolean {
  if (bound.organization !== organization) return false
  return bound.project === undefined || bound.project === project
}

function toSource({ binding, role, scope }: HeldRules, { index, rule }: CompiledRule): RuleSource {
  return { binding, ...(role !== undefined && { role }), scope, index, rule }
}

function findNearest(compiled: CompiledPermissions, question: Question): Nearest | undefined {
  let nearest: Nearest | undefined
  // What is bound in another organization is not this question's business, not even to explain it.
  for (const held of allHeld(compiled).filter(
    ({ scope }) => scope.organization === question.scope.organization,
  ))
    for (const { rule, misses } of listMisses(compiled, held, question))
      if (nearest === undefined || misses.length < nearest.misses.length)
        nearest = { ...toSource(held, rule), misses }
  return nearest
}

interface Missing {
  readonly rule: CompiledRule
  readonly misses: readonly Miss[]
}

function listMisses(
  { references }: CompiledPermissions,
  held: HeldRules,
  { asked, values, scope, at }: Question,
): readonly Missing[] {
  const { from, until } = held
  const outside: Miss[] = isIn(held, scope) ? [] : [{ kind: 'scope' }]
  if (!isOpen(held, at))
    outside.push({ kind: 'window', ...(from && { from }), ...(until && { until }) })
  const missesOf = ({ checks }: Entry): Miss[] => {
    const failing = checks.filter(
      ({ slot, test }) => appraise(test, values[slot], references) !== true,
    )
    return [...new Set(failing.map(({ slot }) => slot))].map((slot) => ({
      kind: 'attribute',
      attribute: asked.resource.attributes[slot]?.name ?? '',
      known: values[slot] !== undefined,
    }))
  }
  const about = held.rules.about(asked).allows.entries.map((entry) => ({
    rule: entry.rule,
    misses: [...outside, ...missesOf(entry)],
  }))
  const lost = held.rules.rules.filter((rule) => isLost(rule, asked))
  return [
    ...about,
    ...lost.map((rule): Missing => {
      return { rule, misses: [...outside, { kind: 'unknown', words: rule.unknown }] }
    }),
  ]
}

function isLost({ effect, unknown, words }: CompiledRule, { name, resource }: DeclaredPermission) {
  if (effect === 'deny' || unknown.length === 0) return false
  return words.some((word) => word === name || word === '*' || word === `${resource.name}:*`)
}
