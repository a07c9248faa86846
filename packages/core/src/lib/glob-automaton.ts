/** What a letter does to the states of an automaton: which go on to the next one, which stay. */
export interface LetterRow {
  readonly forward: Int32Array
  readonly loops: Int32Array
}

/**
 * A glob as a nondeterministic automaton without empty moves. State `i` means that the first `i` characters of the
 * pattern that consume something have matched; a set of states is a row of bits, 32 to a word.
 */
export interface GlobAutomaton {
  readonly words: number
  readonly start: Int32Array
  /** The rows of every letter that the pattern or the separators name. */
  readonly lettersOf: ReadonlyMap<number, LetterRow>
  /** The row of all other letters. */
  readonly other: LetterRow
  /** The states in which any text may follow. */
  readonly anyLoops: Int32Array
  readonly accepting: Int32Array
  /** Moves a set of states on by one letter, in place; answers whether any state is left. */
  readonly advance: (state: Int32Array, code: number) => boolean
  readonly accepts: (state: Int32Array) => boolean
}

/** Builds the automaton of a pattern that `refuseGlob` lets pass. */
export function toAutomaton(pattern: string, separators: string): GlobAutomaton {
  return build({ ...readTokens(pattern), folder: hasFolderForm(pattern, separators) }, separators)
}

/** Builds the automaton that accepts one text and nothing else. */
export function toLiteralAutomaton(text: string): GlobAutomaton {
  return build({ steps: toCodes(text), loops: [], folder: false }, '')
}

/** Tells whether whatever may follow is accepted too. */
export function isUniversal({ anyLoops, accepting }: GlobAutomaton, state: Int32Array): boolean {
  return state.some((word, at) => (word & (anyLoops[at] ?? 0) & (accepting[at] ?? 0)) !== 0)
}

function build({ steps, loops, folder }: Tokens, separators: string): GlobAutomaton {
  const words = (steps.length >> 5) + 1
  const states = Array.from({ length: steps.length + 1 }, (_, state) => state)
  const bitsWhere = (test: (state: number) => boolean): Int32Array =>
    setBits(new Int32Array(words), states.filter(test))
  const anyLoops = bitsWhere((state) => loops[state] === 'any')
  const other: LetterRow = {
    forward: bitsWhere((state) => steps[state] === ANY),
    loops: bitsWhere((state) => loops[state] !== undefined),
  }
  const lettersOf = new Map<number, LetterRow>()
  for (const code of toCodes(separators))
    lettersOf.set(code, { forward: new Int32Array(words), loops: anyLoops })
  for (const [state, code] of steps.entries()) {
    if (code === ANY) continue
    const row = lettersOf.get(code) ?? { forward: other.forward.slice(), loops: other.loops }
    lettersOf.set(code, row)
    setBits(row.forward, [state])
  }
  const final = steps.length
  const accepting = bitsWhere((state) => state === final || (folder && state === final - 1))
  const start = bitsWhere((state) => state === 0)
  const moves = createMoves(lettersOf, other, accepting)
  return { words, start, lettersOf, other, anyLoops, accepting, ...moves }
}

function setBits(bits: Int32Array, states: readonly number[]): Int32Array {
  for (const state of states) bits[state >> 5] = (bits[state >> 5] ?? 0) | (1 << (state & 31))
  return bits
}

interface Tokens {
  /** The code to match, or `ANY` for one character that does not separate. */
  readonly steps: readonly number[]
  /** What may be repeated in each state, before the next step. */
  readonly loops: readonly ('any' | 'segment' | undefined)[]
  /** Whether the text may end before the last step. */
  readonly folder: boolean
}

const ANY = -1

const toCodes = (text: string): number[] =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))

/** `*` is one character, then a loop within the segment; `**` is a loop over anything. */
function readTokens(pattern: string): Omit<Tokens, 'folder'> {
  const steps: number[] = []
  const loops: Tokens['loops'][number][] = [undefined]
  for (let at = 0; at < pattern.length; at++) {
    if (pattern.startsWith('**', at)) {
      loops[steps.length] = 'any'
      at++
      continue
    }
    const wild = pattern[at] === '*' || pattern[at] === '?'
    steps.push(wild ? ANY : pattern.charCodeAt(at))
    loops.push(pattern[at] === '*' ? 'segment' : undefined)
  }
  return { steps, loops }
}

/** Tells whether a pattern matches a folder as well as what is in it. */
export function hasFolderForm(pattern: string, separators: string): boolean {
  return pattern.endsWith('/**') && pattern.length > 3 && separators.includes('/')
}

function createMoves(
  lettersOf: GlobAutomaton['lettersOf'],
  other: LetterRow,
  accepting: Int32Array,
): Pick<GlobAutomaton, 'advance' | 'accepts'> {
  return {
    advance: (state, code) => {
      const { forward, loops } = lettersOf.get(code) ?? other
      let alive = 0
      // From the last word to the first: each takes the carry of the one below before that changes.
      for (let word = state.length - 1; word >= 0; word--) {
        const here = state[word] ?? 0
        const carry = word === 0 ? 0 : ((state[word - 1] ?? 0) & (forward[word - 1] ?? 0)) >>> 31
        const next = ((here & (forward[word] ?? 0)) << 1) | carry | (here & (loops[word] ?? 0))
        state[word] = next
        alive |= next
      }
      return alive !== 0
    },
    accepts: (state) => state.some((word, at) => (word & (accepting[at] ?? 0)) !== 0),
  }
}
