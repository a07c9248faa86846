import type { GlobAutomaton } from './glob-automaton.ts'
import { hasFolderForm, toAutomaton } from './glob-automaton.ts'

/** A compiled glob: answers for any text in time proportional to its length. */
export interface GlobMatcher {
  readonly pattern: string
  readonly separators: string
  /** What every text begins with that it matches. */
  readonly prefix: string
  readonly matches: (text: string) => boolean
}

/** The longest pattern, in UTF-16 code units. */
export const MAX_GLOB_LENGTH = 1024

/** The most `*` in one pattern, those of `**` counted one by one. */
export const MAX_GLOB_STARS = 32

/** Says why a pattern is not accepted, in words that complete a sentence, or nothing where it is. */
export function refuseGlob(pattern: string): string | undefined {
  if (pattern.length > MAX_GLOB_LENGTH) return `must be at most ${MAX_GLOB_LENGTH} characters long`
  if (pattern.includes('***')) return 'must not have three stars in a row'
  if (countStars(pattern) > MAX_GLOB_STARS) return `must have at most ${MAX_GLOB_STARS} stars`
  return undefined
}

/**
 * Compiles a pattern of `*` (one or more characters without a separator), `?` (one such character) and `**`
 * (anything); every other character means itself.
 *
 * Where `/` separates, a trailing `/**` matches the folder itself too. A character is a UTF-16 code unit. A pattern that
 * `refuseGlob` refuses is a `RangeError`. Matching reads each character of a text at most once.
 */
export function compileGlob(pattern: string, separators: string): GlobMatcher {
  const problem = refuseGlob(pattern)
  if (problem !== undefined) throw new RangeError(`A glob ${problem}`)
  const prefix = prefixOf(pattern, separators)
  return { pattern, separators, prefix, matches: findFastPath(pattern, separators) }
}

type Matches = GlobMatcher['matches']

/** What stands before the first wildcard, without the slash of a folder that is matched itself. */
function prefixOf(pattern: string, separators: string): string {
  const at = pattern.search(/[*?]/)
  const prefix = at === -1 ? pattern : pattern.slice(0, at)
  const isFolder = hasFolderForm(pattern, separators) && at === pattern.length - 2
  return isFolder ? prefix.slice(0, -1) : prefix
}

function countStars(pattern: string): number {
  let stars = 0
  for (let at = pattern.indexOf('*'); at !== -1; at = pattern.indexOf('*', at + 1)) stars++
  return stars
}

const isLiteral = (text: string): boolean => !text.includes('*') && !text.includes('?')

function findFastPath(pattern: string, separators: string): Matches {
  if (isLiteral(pattern)) return (text) => text === pattern
  const most = pattern.slice(0, -2)
  if (pattern.endsWith('**') && isLiteral(most)) return matchPrefix(most, separators)
  if (pattern.startsWith('**') && isLiteral(pattern.slice(2))) {
    const suffix = pattern.slice(2)
    return (text) => text.endsWith(suffix)
  }
  if (pattern.endsWith('*') && isLiteral(pattern.slice(0, -1)))
    return matchSegment(pattern.slice(0, -1), separators)
  return findMiddle(pattern, separators) ?? matchAutomaton(pattern, separators)
}

/** One star, or two, between two literals. */
function findMiddle(pattern: string, separators: string): Matches | undefined {
  const at = pattern.indexOf('*')
  if (at === -1) return undefined
  const isAny = pattern.startsWith('**', at)
  const prefix = pattern.slice(0, at)
  const suffix = pattern.slice(at + (isAny ? 2 : 1))
  if (!isLiteral(prefix) || !isLiteral(suffix)) return undefined
  const least = prefix.length + suffix.length
  if (isAny)
    return (text) => text.length >= least && text.startsWith(prefix) && text.endsWith(suffix)
  return (text) =>
    text.length > least &&
    text.startsWith(prefix) &&
    text.endsWith(suffix) &&
    !isSeparated(text, separators, prefix.length, text.length - suffix.length)
}

function matchPrefix(prefix: string, separators: string): Matches {
  if (prefix === '') return () => true
  if (!hasFolderForm(`${prefix}**`, separators)) return (text) => text.startsWith(prefix)
  const folder = prefix.slice(0, -1)
  return (text) =>
    text.startsWith(folder) && (text.length < prefix.length || text.startsWith(prefix))
}

function matchSegment(prefix: string, separators: string): Matches {
  return (text) => {
    if (text.length <= prefix.length || !text.startsWith(prefix)) return false
    return !isSeparated(text, separators, prefix.length, text.length)
  }
}

function isSeparated(text: string, separators: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (isSeparator(separators, text.charCodeAt(at))) return true
  return false
}

function isSeparator(separators: string, code: number): boolean {
  for (let at = 0; at < separators.length; at++) if (separators.charCodeAt(at) === code) return true
  return false
}

/** Most texts are told apart by what stands before the first wildcard: only for the others an automaton is built. */
function matchAutomaton(pattern: string, separators: string): Matches {
  const prefix = pattern.slice(0, pattern.search(/[*?]/))
  let walk: Matches | undefined
  return (text) => {
    if (!text.startsWith(prefix)) return false
    walk ??= createWalk(toAutomaton(pattern, separators))
    return walk(text)
  }
}

const createWalk = (automaton: GlobAutomaton): Matches =>
  automaton.words === 1 ? walkNarrow(automaton) : walkWide(automaton)

/** The letters of ASCII have a table; others are looked up. */
const TABLE = 128

function walkNarrow({ start, other, lettersOf, anyLoops, accepting }: GlobAutomaton): Matches {
  const forward = new Int32Array(TABLE).fill(other.forward[0] ?? 0)
  const loops = new Int32Array(TABLE).fill(other.loops[0] ?? 0)
  for (const [code, row] of lettersOf) {
    if (code >= TABLE) continue
    forward[code] = row.forward[0] ?? 0
    loops[code] = row.loops[0] ?? 0
  }
  const first = start[0] ?? 0
  const last = accepting[0] ?? 0
  const forever = (anyLoops[0] ?? 0) & last
  const moveBeyond = (state: number, code: number): number => {
    const row = lettersOf.get(code) ?? other
    return ((state & (row.forward[0] ?? 0)) << 1) | (state & (row.loops[0] ?? 0))
  }
  return (text) => {
    let state = first
    for (let at = 0; at < text.length && state !== 0; at++) {
      if ((state & forever) !== 0) return true
      const code = text.charCodeAt(at)
      state =
        code < TABLE
          ? ((state & (forward[code] ?? 0)) << 1) | (state & (loops[code] ?? 0))
          : moveBeyond(state, code)
    }
    return (state & last) !== 0
  }
}

function walkWide(automaton: GlobAutomaton): Matches {
  return (text) => {
    const state = automaton.start.slice()
    for (let at = 0; at < text.length; at++)
      if (!automaton.advance(state, text.charCodeAt(at))) return false
    return automaton.accepts(state)
  }
}
