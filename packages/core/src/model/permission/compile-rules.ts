import type { Scope } from '../scope.ts'
import type { References } from './condition.ts'
import type { RuleSet } from './rule-set.ts'
import type { Vocabulary } from './vocabulary.ts'

/** The rules of a role as somebody holds them: where, and from when until when. */
export interface BoundRules {
  /** The id of the binding, for explanations. */
  readonly binding: string
  /** The slug of the role; absent for rules that are bound directly. */
  readonly role?: string
  readonly scope: Scope
  /** The first instant at which they apply. */
  readonly from?: Date
  /** The first instant at which they no longer apply. */
  readonly until?: Date
  readonly rules: RuleSet
}

/** Bound rules with their window in milliseconds. */
export interface HeldRules extends BoundRules {
  readonly opensAt: number
  readonly endsAt: number
}

/** Everything that one principal may do. */
export interface CompiledPermissions {
  readonly vocabulary: Vocabulary
  /** Bound to an organization: they reach every project of it too. */
  readonly everywhere: readonly HeldRules[]
  /** Bound to one project, by its id, which is unique only together with its organization. */
  readonly byProject: ReadonlyMap<string, readonly HeldRules[]>
  /** What the principal's own values are, where rules refer to them. */
  readonly references: References
}

/** Gathers what a principal holds. The rule sets stay shared; nothing is compiled here. */
export function compileRules(
  vocabulary: Vocabulary,
  bound: readonly BoundRules[],
  references: References = NO_REFERENCES,
): CompiledPermissions {
  const everywhere: HeldRules[] = []
  const byProject = new Map<string, HeldRules[]>()
  for (const rules of bound) {
    if (rules.rules.vocabulary !== vocabulary)
      throw new TypeError('Rules of another vocabulary cannot be held')
    const held = {
      ...rules,
      opensAt: rules.from?.getTime() ?? Number.NEGATIVE_INFINITY,
      endsAt: rules.until?.getTime() ?? Number.POSITIVE_INFINITY,
    }
    const { project } = rules.scope
    if (project === undefined) everywhere.push(held)
    else byProject.set(project, [...(byProject.get(project) ?? []), held])
  }
  return { vocabulary, everywhere, byProject, references }
}

/** Every bound rule set, in whatever scope. */
export function allHeld({ everywhere, byProject }: CompiledPermissions): readonly HeldRules[] {
  return [...everywhere, ...[...byProject.values()].flat()]
}

/** Tells whether bound rules apply at an instant: from the first of their window, and no longer at the last. */
export function isOpen({ opensAt, endsAt }: HeldRules, at: number): boolean {
  return at >= opensAt && at < endsAt
}

const NO_REFERENCES: References = new Map()
