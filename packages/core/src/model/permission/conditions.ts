import type { CompiledPermissions, HeldRules } from './compile-rules.ts'
import { isOpen } from './compile-rules.ts'
import type { References, Test } from './condition.ts'
import type { Request } from './decide.ts'
import type { Entry } from './rule-list.ts'
import { isAskedIn } from './vocabulary.ts'

/** One condition on an attribute of a row. Without the attribute it is neither true nor false. */
export type RowCondition =
  | { readonly attribute: string; readonly in: readonly string[] }
  | { readonly attribute: string; readonly not: readonly string[] }
  | { readonly attribute: string; readonly glob: string; readonly separators: string }

/** Conditions that must all be true. */
export type RowConditions = readonly RowCondition[]

/**
 * Which rows may be touched, as plain data.
 *
 * A row may, if one of `anyOf` is true of it and each of `noneOf` is false: the three-valued logic of SQL, where an
 * attribute that the row does not have is NULL and `WHERE` wants true. Paths of rows must be canonical, as questions are.
 */
export type Conditions =
  | 'all'
  | 'none'
  | { readonly anyOf: readonly RowConditions[]; readonly noneOf: readonly RowConditions[] }

/** Says for which rows of a scope `decide` would say yes at this instant. */
export function conditions(
  compiled: CompiledPermissions,
  { permission, scope }: Pick<Request, 'permission' | 'scope'>,
  now: Date,
): Conditions {
  const asked = compiled.vocabulary.permissions.get(permission)
  if (asked === undefined || !isAskedIn(asked.resource.scope, scope.project)) return 'none'
  const attributes = asked.resource.attributes.map(({ name }) => name)
  const inProject = scope.project === undefined ? undefined : compiled.byProject.get(scope.project)
  const about = [...compiled.everywhere, ...(inProject ?? [])]
    .filter((held: HeldRules) => held.scope.organization === scope.organization)
    .filter((held) => isOpen(held, now.getTime()))
    .map((held) => held.rules.about(asked))
  const toRow = (entry: Entry, when: 'true' | 'not false') =>
    toRowConditions(entry, attributes, (test) => simplify(test, compiled.references, when))
  const anyOf = about.flatMap(({ allows }) =>
    allows.entries.flatMap((entry) => toRow(entry, 'true')),
  )
  const noneOf = about.flatMap(({ denies }) =>
    denies.entries.flatMap((entry) => toRow(entry, 'not false')),
  )
  if (anyOf.length === 0 || noneOf.some(isEmpty)) return 'none'
  if (!anyOf.some(isEmpty)) return { anyOf, noneOf }
  return noneOf.length === 0 ? 'all' : { anyOf: [[]], noneOf }
}

type Operator = Omit<Extract<RowCondition, { in: unknown }>, 'attribute'>

type Simplified =
  | Operator
  | { readonly not: readonly string[] }
  | { readonly glob: string; readonly separators: string }
  /** Nothing is asked of the value. */
  | 'always'
  /** No value will do. */
  | 'never'

const isEmpty = (row: RowConditions): boolean => row.length === 0

/** At most one conjunction: none where a condition can never come true. */
function toRowConditions(
  { checks }: Entry,
  attributes: readonly string[],
  simple: (test: Test) => Simplified,
): readonly RowConditions[] {
  const row: RowCondition[] = []
  for (const { slot, test } of checks) {
    const attribute = attributes[slot]
    const simplified = attribute === undefined ? 'always' : simple(test)
    if (simplified === 'never') return []
    if (simplified !== 'always' && attribute !== undefined) row.push({ attribute, ...simplified })
  }
  return [row]
}

/** Replaces references by what they stand for; those that stand for nothing are never true and never false. */
function simplify(test: Test, references: References, when: 'true' | 'not false'): Simplified {
  const unresolved = when === 'true' ? 'never' : 'always'
  if (test.kind === 'unknown') return unresolved
  if (test.kind === 'glob') return { glob: test.glob.pattern, separators: test.glob.separators }
  const held = test.refs.map((ref) => references.get(ref))
  const known = [...test.values, ...held.filter((value) => value !== undefined)]
  const isComplete = known.length === test.values.length + held.length
  if (when === 'true') {
    if (test.kind === 'in') return known.length === 0 ? 'never' : { in: known }
    return isComplete ? { not: known } : 'never'
  }
  if (test.kind === 'in') return isComplete ? { in: known } : 'always'
  return known.length === 0 ? 'always' : { not: known }
}
