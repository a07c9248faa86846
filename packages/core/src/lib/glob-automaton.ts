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

function build(tokens: Tokens, separators: string): GlobAutomaton {
  const words = (tokens.steps.length >> 5) + 1
  const bitsWhere = (test: (state: number) => boolean): Int32Array => {
    const bits = new Int32Array(words)
    for (let state = 0; state <= tokens.steps.length; state++)
      if (test(state)) bits[state >> 5] = (bits[state >> 5] ?? 0) | (1 << (state & 31))
    return bits
  }
  const rowOf = (code: number | undefined, separates: boolean): LetterRow => ({
    forward: bitsWhere((state) => {
      const step = tokens.steps[state]
      return step === ANY ? !separates : step !== undefined && step === code
    }),
    loops: bitsWhere((state) => {
      const loop = tokens.loops[state]
      return loop === 'any' || (loop === 'segment' && !separates)
    }),
  })
  const letters = new Set([...toCodes(separators), ...tokens.steps.filter((step) => step !== ANY)])
  const codes = new Set(toCodes(separators))
  const other = rowOf(undefined, false)
  const lettersOf = new Map([...letters].map((code) => [code, rowOf(code, codes.has(code))]))
  const final = tokens.steps.length
  const accepting = bitsWhere((state) => state === final || (tokens.folder && state === final - 1))
  return {
    words,
    start: bitsWhere((state) => state === 0),
    lettersOf,
    other,
    anyLoops: bitsWhere((state) => tokens.loops[state] === 'any'),
    accepting,
    ...createMoves(lettersOf, other, accepting),
  }
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

function hasFolderForm(pattern: string, separators: string): boolean {
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
