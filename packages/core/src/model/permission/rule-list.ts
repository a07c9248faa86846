import type { CompiledRule } from './compiled-rule.ts'
import type { References, Test } from './condition.ts'
import { appraise } from './condition.ts'
import type { RuleIndex } from './rule-index.ts'
import { createRuleIndex } from './rule-index.ts'
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

/** Rules of one effect about one permission. */
export interface RuleList {
  readonly entries: readonly Entry[]
  /** How to find the rules about a value, once the list was asked often enough to be worth it. */
  readonly index: () => RuleIndex | undefined
}

/** Lists rules about a resource. */
export function createRuleList(
  rules: readonly CompiledRule[],
  { attributes }: DeclaredResource,
): RuleList {
  const entries = rules.map((rule) => toEntry(rule, attributes))
  let asked = 0
  let index: RuleIndex | undefined
  return {
    entries,
    index: () => {
      if (asked <= OFTEN && asked++ === OFTEN) index = createRuleIndex(entries, attributes.length)
      return index
    },
  }
}

function toEntry(rule: CompiledRule, attributes: DeclaredResource['attributes']): Entry {
  const checks: Check[] = []
  for (const { attribute, tests } of rule.conditions) {
    const slot = attributes.findIndex(({ name }) => name === attribute)
    for (const test of tests) checks.push({ slot, test })
  }
  return { rule, checks }
}

/** The first rule of which every condition is true. */
export function findHolding(
  list: RuleList,
  values: Values,
  references: References,
): Entry | undefined {
  if (list.entries.length === 0) return undefined
  const index = list.index()
  if (index === undefined) return firstHolding(list.entries, values, references)
  const value = values[index.slot]
  const found = value === undefined ? undefined : index.find(value)
  return (
    (found && firstHolding(found, values, references)) ??
    firstHolding(index.others, values, references)
  )
}

/** The first rule of which no condition is false. */
export function findNotFailing(
  list: RuleList,
  values: Values,
  references: References,
): Entry | undefined {
  if (list.entries.length === 0) return undefined
  const index = list.index()
  const value = index && values[index.slot]
  // Without the value by which rules are found, none of them is false by it.
  if (index === undefined || value === undefined)
    return firstNotFailing(list.entries, values, references)
  const found = index.find(value)
  return (
    (found && firstNotFailing(found, values, references)) ??
    firstNotFailing(index.others, values, references)
  )
}

/** An index costs more than a few questions save. */
const OFTEN = 8

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
