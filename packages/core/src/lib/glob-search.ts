import { endsPath, PATH_DEAD, PATH_START, stepPath } from './canonical-path.ts'
import type { GlobAutomaton } from './glob-automaton.ts'
import { isUniversal, toAutomaton } from './glob-automaton.ts'

/** Which texts are looked for: accepted by every automaton of `inside` and by none of `outside`. */
export interface TextQuery {
  readonly inside: readonly GlobAutomaton[]
  readonly outside?: readonly GlobAutomaton[]
  /** Any text, or canonical paths only. */
  readonly kind?: 'text' | 'path'
}

/** A text of that kind, the certainty that there is none, or neither within the limit. */
export type Found = { readonly text: string } | 'none' | 'unknown'

/** So many sets of states are looked at before a search gives up. */
export const SEARCH_LIMIT = 4000

/** A purse of so many steps: answers whether there was one left. */
export function limitedTo(steps: number): () => boolean {
  let left = steps
  return () => left-- > 0
}

/**
 * Finds a shortest text that a query asks for, letter by letter, among the sets of states that can be reached.
 *
 * Letters that no pattern names behave alike, so one of them stands for all: unless the steps run out,
 * the answer is exact.
 */
export function findText(query: TextQuery, spend: () => boolean = limitedTo(SEARCH_LIMIT)): Found {
  const letters = findLetters([...query.inside, ...(query.outside ?? [])])
  const first = openSearch(query)
  if (isFound(query, first)) return { text: '' }
  const seen = new Set([keyOf(first)])
  const queue = [first]
  // The loop sees what it appends: places are visited in the order of their distance.
  for (const place of queue)
    for (const next of goOn(query, place, letters)) {
      if (isFound(query, next)) return { text: spell(next) }
      const key = keyOf(next)
      if (seen.has(key)) continue
      if (!spend()) return 'unknown'
      seen.add(key)
      queue.push(next)
    }
  return 'none'
}

/** Tells whether every text of `inner` is certainly a text of `outer`; may say no where it cannot tell. */
export function globContains(outer: string, inner: string, separators: string): boolean {
  if (outer === inner) return true
  return findInFirstOnly(inner, outer, separators) === 'none'
}

/** Tells whether a text may belong to both; says no only where none does. */
export function globsOverlap(first: string, second: string, separators: string): boolean {
  const inside = [toAutomaton(first, separators), toAutomaton(second, separators)]
  return findText({ inside }) !== 'none'
}

/** One text that a pattern matches, where there is one. */
export function exampleOf(pattern: string, separators: string): string | undefined {
  return toText(findText({ inside: [toAutomaton(pattern, separators)] }))
}

/** One text that the first pattern matches and the second does not, where one can be found. */
export function exampleInFirstNotSecond(
  first: string,
  second: string,
  separators: string,
): string | undefined {
  return toText(findInFirstOnly(first, second, separators))
}

/** A place in the search: the states of every automaton, and how it was reached. */
interface Place {
  readonly inside: readonly Int32Array[]
  readonly outside: readonly Int32Array[]
  readonly path: number
  readonly before?: Place
  readonly letter: number
}

/** What a reader recognises as "some other letter", in the order of preference. */
const FRESH = 'xyzabcdefghijklmnopqrstuvw0123456789XYZABCDEFGHIJKLMNOPQRSTUVW'

/** No state at all. */
const NONE = new Int32Array(0)

const toText = (found: Found): string | undefined =>
  typeof found === 'string' ? undefined : found.text

function findInFirstOnly(first: string, second: string, separators: string): Found {
  const inside = [toAutomaton(first, separators)]
  return findText({ inside, outside: [toAutomaton(second, separators)] })
}

function findLetters(automata: readonly GlobAutomaton[]): readonly number[] {
  const named = new Set(automata.flatMap(({ lettersOf }) => [...lettersOf.keys()]))
  let fresh = [...FRESH].map((letter) => letter.charCodeAt(0)).find((code) => !named.has(code))
  // More letters are named than a keyboard has: the first ideograph that is not.
  for (let code = 0x4e00; fresh === undefined; code++) if (!named.has(code)) fresh = code
  return [fresh, ...named]
}

function openSearch({ inside, outside = [] }: TextQuery): Place {
  return {
    inside: inside.map(({ start }) => start),
    outside: outside.map(({ start }) => start),
    path: PATH_START,
    letter: 0,
  }
}

function goOn(query: TextQuery, before: Place, letters: readonly number[]): readonly Place[] {
  return letters.flatMap((letter) => {
    const path = query.kind === 'path' ? stepPath(before.path, letter) : before.path
    if (path === PATH_DEAD) return []
    const inside = before.inside.map((state) => state.slice())
    if (!query.inside.every((automaton, at) => automaton.advance(inside[at] ?? NONE, letter)))
      return []
    const outside = before.outside.map((state) => state.slice())
    for (const [at, automaton] of (query.outside ?? []).entries()) {
      const state = outside[at] ?? NONE
      automaton.advance(state, letter)
      // Whatever follows would be accepted here, so nothing that follows is looked for.
      if (isUniversal(automaton, state)) return []
    }
    return [{ inside, outside, path, before, letter }]
  })
}

function isFound({ inside, outside = [], kind }: TextQuery, place: Place): boolean {
  if (kind === 'path' && !endsPath(place.path)) return false
  if (!inside.every((automaton, at) => automaton.accepts(place.inside[at] ?? NONE))) return false
  return !outside.some((automaton, at) => automaton.accepts(place.outside[at] ?? NONE))
}

const keyOf = ({ inside, outside, path }: Place): string =>
  `${path} ${inside.join(' ')} ${outside.join(' ')}`

function spell(last: Place): string {
  const letters: string[] = []
  for (let place: Place | undefined = last; place?.before; place = place.before)
    letters.push(String.fromCharCode(place.letter))
  return letters.reverse().join('')
}
