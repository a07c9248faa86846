import { createPrefixTree } from '../../lib/prefix-tree.ts'
import type { Test } from './condition.ts'
import type { Entry } from './rule-list.ts'

/** Finds the rules that a value of one attribute can concern. */
export interface RuleIndex {
  /** The attribute, by its place among those of the resource. */
  readonly slot: number
  /** The rules that are about this value; all but these and `others` are false by it. */
  readonly find: (value: string) => readonly Entry[] | undefined
  /** The rules that say nothing about the attribute by which they could be found. */
  readonly others: readonly Entry[]
  /** So many rules are left to be asked, on average. */
  readonly cost: number
}

/** Indexes rules by the attribute that tells most of them apart, where that is worth it. */
export function createRuleIndex(entries: readonly Entry[], slots: number): RuleIndex | undefined {
  if (entries.length < WORTH_AN_INDEX) return undefined
  const indexes = Array.from({ length: slots }, (_, slot) => [
    indexByValue(entries, slot),
    indexByPrefix(entries, slot),
  ]).flat()
  const [best] = indexes.sort((first, second) => first.cost - second.cost)
  return best !== undefined && best.cost * 2 <= entries.length ? best : undefined
}

/** Fewer rules are asked one after the other. */
const WORTH_AN_INDEX = 6

type Groups = ReadonlyMap<string, readonly Entry[]>

function indexByValue(entries: readonly Entry[], slot: number): RuleIndex {
  const { groups, others } = groupBy(entries, slot, valuesOf)
  const sizes = [...groups.values()].map(({ length }) => length)
  return { slot, find: (value) => groups.get(value), others, cost: mean(sizes) + others.length }
}

function indexByPrefix(entries: readonly Entry[], slot: number): RuleIndex {
  const { groups, others } = groupBy(entries, slot, prefixesOf)
  const { find, sizes } = createPrefixTree(groups)
  return { slot, find, others, cost: mean(sizes) + others.length }
}

function groupBy(
  entries: readonly Entry[],
  slot: number,
  keysOf: (test: Test) => readonly string[] | undefined,
): { readonly groups: Groups; readonly others: readonly Entry[] } {
  const groups = new Map<string, Entry[]>()
  const others: Entry[] = []
  for (const entry of entries) {
    const keys = entry.checks.flatMap((check) => (check.slot === slot ? [keysOf(check.test)] : []))
    const found = keys.find((key) => key !== undefined)
    if (found === undefined) others.push(entry)
    for (const key of new Set(found)) {
      const sharing = groups.get(key)
      if (sharing) sharing.push(entry)
      else groups.set(key, [entry])
    }
  }
  return { groups, others }
}

/** The only values for which a test is not false, where it names them. */
function valuesOf(test: Test): readonly string[] | undefined {
  return test.kind === 'in' && test.refs.length === 0 ? test.values : undefined
}

/** What every value begins with for which a test is not false. */
function prefixesOf(test: Test): readonly string[] | undefined {
  if (test.kind === 'glob') return test.glob.prefix === '' ? undefined : [test.glob.prefix]
  return valuesOf(test)
}

function mean(sizes: readonly number[]): number {
  return sizes.length === 0 ? 0 : sizes.reduce((sum, size) => sum + size, 0) / sizes.length
}
