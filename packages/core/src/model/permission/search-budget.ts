import type { GlobMatcher } from '../../lib/glob.ts'
import type { GlobAutomaton } from '../../lib/glob-automaton.ts'
import { toAutomaton, toLiteralAutomaton } from '../../lib/glob-automaton.ts'
import type { Found } from '../../lib/glob-search.ts'
import { findText, limitedTo, SEARCH_LIMIT } from '../../lib/glob-search.ts'
import type { AttributeKind } from '../resources.ts'
import { agree } from './hint.ts'

/** What one comparison may spend, and what it has learned so far. */
export interface SearchBudget {
  /** Counts one step; answers whether there was one left. */
  readonly spend: () => boolean
  /** Finds a text of that kind which all globs match, no other glob does, and which is not one of `not`. */
  readonly find: (query: Texts) => Found
}

/** So many steps are taken before a comparison says that it cannot tell. */
export const MAX_STEPS = 50_000

/** Opens the budget of one comparison. */
export function createSearchBudget(steps: number = MAX_STEPS): SearchBudget {
  const spend = limitedTo(steps)
  const automata = new Map<string, GlobAutomaton>()
  const known = new Map<string, Found>()
  const automatonOf = (glob: GlobMatcher): GlobAutomaton => {
    const made = automata.get(keyOf(glob)) ?? toAutomaton(glob.pattern, glob.separators)
    automata.set(keyOf(glob), made)
    return made
  }
  const find = (texts: Texts): Found => {
    const inside = unique(texts.globs)
    const prefix = longestOf(inside)
    if (!inside.every((glob) => agree(glob.prefix, prefix))) return 'none'
    // What the globs do not match anyway needs no exception.
    const outside = unique(texts.noGlobs).filter((glob) => agree(glob.prefix, prefix))
    const not = [...texts.not].filter((text) => inside.every((glob) => glob.matches(text)))
    const key = JSON.stringify([texts.kind, ...[inside, outside].map(toKeys), not.sort()])
    const before = known.get(key)
    if (before !== undefined) return before
    const query = {
      kind: texts.kind,
      inside: inside.map(automatonOf),
      outside: [...outside.map(automatonOf), ...not.map(toLiteralAutomaton)],
    }
    const within = limitedTo(SEARCH_LIMIT)
    const found = findText(query, () => spend() && within())
    known.set(key, found)
    return found
  }
  return { spend, find }
}

interface Texts {
  readonly kind: AttributeKind
  readonly not: ReadonlySet<string>
  readonly globs: readonly GlobMatcher[]
  readonly noGlobs: readonly GlobMatcher[]
}

function unique(globs: readonly GlobMatcher[]): readonly GlobMatcher[] {
  return [...new Map(globs.map((glob) => [keyOf(glob), glob])).values()]
}

function longestOf(globs: readonly GlobMatcher[]): string {
  return globs.reduce(
    (longest, { prefix }) => (prefix.length > longest.length ? prefix : longest),
    '',
  )
}

const toKeys = (globs: readonly GlobMatcher[]): readonly string[] => globs.map(keyOf).sort()

const keyOf = ({ pattern, separators }: GlobMatcher): string => `${separators} ${pattern}`
