import type { CompiledRule } from './compiled-rule.ts'
import type { References, Test } from './condition.ts'
import { appraise } from './condition.ts'
import type { DeclaredResource } from './vocabulary.ts'

/** A test, and the place of its value among the attributes of the resource. */
export interface Check {
  readonly slot: number
  readonly test: Test
}

/** A rule as it is about one permission. */
export interface Entry {
  readonly rule: CompiledRule
  readonly checks: readonly Check[]
}

/** The values of a question, in the order in which the resource declares its attributes. */
export type Values = readonly (string | undefined)[]

/** Rules about one permission. Those that name values of one attribute are found by its value. */
export interface RuleList {
  readonly entries: readonly Entry[]
  /** The attribute by whose value rules are found, or -1. */
  readonly slot: number
  readonly byValue: ReadonlyMap<string, readonly Entry[]>
  /** The rules that name no values of that attribute. */
  readonly others: readonly Entry[]
}

/** Lists rules about a resource, by the attribute for which most of them name values. */
export function createRuleList(
  rules: readonly CompiledRule[],
  { attributes }: DeclaredResource,
): RuleList {
  const entries = rules.map((rule) => ({
    rule,
    checks: rule.conditions.flatMap(({ attribute, tests }) => {
      const slot = attributes.findIndex(({ name }) => name === attribute)
      return tests.map((test) => ({ slot, test }))
    }),
  }))
  const slot = findSlot(entries, attributes.length)
  const byValue = new Map<string, Entry[]>()
  const others: Entry[] = []
  for (const entry of entries) {
    const values = namedValues(entry, slot)
    if (values === undefined) others.push(entry)
    for (const value of values ?? []) {
      const sharing = byValue.get(value)
      if (sharing) sharing.push(entry)
      else byValue.set(value, [entry])
    }
  }
  return { entries, slot, byValue, others }
}

/** The first rule of which every condition is true. */
export function findHolding(
  list: RuleList,
  values: Values,
  references: References,
): Entry | undefined {
  if (list.entries.length === 0) return undefined
  const value = list.slot === -1 ? undefined : values[list.slot]
  const named = value === undefined ? undefined : list.byValue.get(value)
  return (
    (named && firstHolding(named, values, references)) ??
    firstHolding(list.others, values, references)
  )
}

/** The first rule of which no condition is false. */
export function findNotFailing(
  list: RuleList,
  values: Values,
  references: References,
): Entry | undefined {
  if (list.entries.length === 0) return undefined
  const value = list.slot === -1 ? undefined : values[list.slot]
  // Without the value, no rule that names values is false by it.
  if (list.slot !== -1 && value === undefined)
    return firstNotFailing(list.entries, values, references)
  const named = value === undefined ? undefined : list.byValue.get(value)
  return (
    (named && firstNotFailing(named, values, references)) ??
    firstNotFailing(list.others, values, references)
  )
}

/** Fewer rules than this are asked one after the other. */
const WORTH_FINDING = 4

function findSlot(entries: readonly Entry[], slots: number): number {
  const counts = Array.from(
    { length: slots },
    (_, slot) => entries.filter((entry) => namedValues(entry, slot) !== undefined).length,
  )
  const most = Math.max(0, ...counts)
  return most < WORTH_FINDING ? -1 : counts.indexOf(most)
}

/** The only values of an attribute for which a rule is not false, where it names them. */
function namedValues({ checks }: Entry, slot: number): ReadonlySet<string> | undefined {
  for (const check of checks)
    if (check.slot === slot && check.test.kind === 'in' && check.test.refs.length === 0)
      return check.test.values
  return undefined
}

function firstHolding(
  entries: readonly Entry[],
  values: Values,
  references: References,
): Entry | undefined {
  for (const entry of entries) {
    let holds = true
    for (const { slot, test } of entry.checks)
      if (appraise(test, values[slot], references) !== true) {
        holds = false
        break
      }
    if (holds) return entry
  }
  return undefined
}

function firstNotFailing(
  entries: readonly Entry[],
  values: Values,
  references: References,
): Entry | undefined {
  for (const entry of entries) {
    let fails = false
    for (const { slot, test } of entry.checks)
      if (appraise(test, values[slot], references) === false) {
        fails = true
        break
      }
    if (!fails) return entry
  }
  return undefined
}
