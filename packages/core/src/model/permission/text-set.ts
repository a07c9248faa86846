import { isCanonicalPath } from '../../lib/canonical-path.ts'
import type { GlobMatcher } from '../../lib/glob.ts'
import type { Found } from '../../lib/glob-search.ts'
import type { AttributeKind } from '../resources.ts'
import type { SearchBudget } from './search-budget.ts'

/** One demand on a value. */
export type Demand =
  | { readonly kind: 'in' | 'not'; readonly values: ReadonlySet<string> }
  | { readonly kind: 'glob' | 'no-glob'; readonly glob: GlobMatcher }

/** A set of values of one attribute: those that meet every demand, and perhaps "absent". */
export interface TextSet {
  readonly kind: AttributeKind
  readonly absent: boolean
  /** The only candidates, where they are known one by one. */
  readonly only?: ReadonlySet<string>
  readonly not: ReadonlySet<string>
  readonly globs: readonly GlobMatcher[]
  readonly noGlobs: readonly GlobMatcher[]
}

/** Every value that there is, and none at all. */
export function everyText(kind: AttributeKind): TextSet {
  return { kind, absent: true, not: NONE, globs: [], noGlobs: [] }
}

/** The part of a set that meets a demand; "absent" stays in it only where it is told to. */
export function narrow(set: TextSet, demand: Demand, keepAbsent: boolean): TextSet {
  const absent = set.absent && keepAbsent
  switch (demand.kind) {
    case 'in':
      return { ...set, absent, only: intersection(set.only, demand.values) }
    case 'not':
      return { ...set, absent, not: new Set([...set.not, ...demand.values]) }
    case 'glob':
      return { ...set, absent, globs: [...set.globs, demand.glob] }
    case 'no-glob':
      return { ...set, absent, noGlobs: [...set.noGlobs, demand.glob] }
  }
}

/** The demand that exactly the other values meet. */
export function opposite(demand: Demand): Demand {
  switch (demand.kind) {
    case 'in':
      return { ...demand, kind: 'not' }
    case 'not':
      return { ...demand, kind: 'in' }
    case 'glob':
      return { ...demand, kind: 'no-glob' }
    case 'no-glob':
      return { ...demand, kind: 'glob' }
  }
}

/** A value of a set, the certainty that there is none but "absent", or neither within the budget. */
export function findValue(set: TextSet, budget: SearchBudget): Found {
  const text = [...(set.only ?? PLAIN[set.kind])].find((candidate) => isIn(set, candidate))
  if (text !== undefined) return { text }
  return set.only === undefined ? budget.find(set) : 'none'
}

/** Tells whether a set is certainly empty. */
export function isEmptySet(set: TextSet, budget: SearchBudget): boolean {
  return !set.absent && findValue(set, budget) === 'none'
}

/** What reads well, where nothing else is asked: tried before anything is searched. */
const PLAIN: Readonly<Record<AttributeKind, readonly string[]>> = {
  text: ['x', 'other', 'another-value'],
  path: ['/x', '/other', '/another/path'],
}

const NONE: ReadonlySet<string> = new Set()

function intersection(
  first: ReadonlySet<string> | undefined,
  second: ReadonlySet<string>,
): ReadonlySet<string> {
  return first === undefined ? second : new Set([...first].filter((text) => second.has(text)))
}

function isIn({ kind, not, globs, noGlobs }: TextSet, text: string): boolean {
  if (kind === 'path' && !isCanonicalPath(text)) return false
  if (not.has(text)) return false
  return globs.every((glob) => glob.matches(text)) && !noGlobs.some((glob) => glob.matches(text))
}
