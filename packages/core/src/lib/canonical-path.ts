/**
 * Tells whether a text is the one spelling of a path: it starts with `/`, and has no empty, `.` or `..` segment, no
 * trailing `/` but that of the root, no `\` and no control character.
 */
export function isCanonicalPath(text: string): boolean {
  let state = PATH_START
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    state =
      (code < BEYOND ? MOVES[(state << 2) | (LETTERS[code] ?? OTHER)] : MOVES[state << 2]) ?? 0
  }
  return endsPath(state)
}

/** Where a reader stands who has read nothing of a path. */
export const PATH_START = 1

/** Where no canonical path goes on. */
export const PATH_DEAD = 0

/** Reads one more character of a path. */
export function stepPath(state: number, code: number): number {
  return (code < BEYOND ? MOVES[(state << 2) | (LETTERS[code] ?? OTHER)] : MOVES[state << 2]) ?? 0
}

/** Tells whether a path may end here. */
export function endsPath(state: number): boolean {
  return state === ROOT || state === SEGMENT
}

const ROOT = 2
const SEGMENT = 6

const OTHER = 0
const SLASH = 1
const DOT = 2
const REFUSED = 3

/** Every letter from here on is OTHER. */
const BEYOND = 0xa0

/** What each letter is. Refused are `\` and the category Cc of Unicode. */
const LETTERS: Uint8Array = Uint8Array.from({ length: BEYOND }, (_, code) => {
  if (code === 0x2f) return SLASH
  if (code === 0x2e) return DOT
  return code < 0x20 || code >= 0x7f || code === 0x5c ? REFUSED : OTHER
})

/** Where to go, in the order of the letters OTHER, SLASH, DOT, REFUSED. */
const MOVES: Uint8Array = Uint8Array.from([
  ...[0, 0, 0, 0], // dead
  ...[0, 2, 0, 0], // 1: start
  ...[6, 0, 4, 0], // 2: the root, or behind its slash
  ...[6, 0, 4, 0], // 3: behind another slash
  ...[6, 0, 5, 0], // 4: '.'
  ...[6, 0, 6, 0], // 5: '..'
  ...[6, 3, 6, 0], // 6: in a segment
])
