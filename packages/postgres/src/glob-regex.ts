/** A glob as a regular expression of Postgres, and the text it is to be matched with. */
export interface GlobRegex {
  readonly regex: string
  /** A character to put behind each one beyond the basic plane, where `?` counts those as two. */
  readonly filler?: string
}

/**
 * Translates a glob, which core matches by UTF-16 code units, into an expression over characters. They differ in `?` alone,
 * which is half of a character beyond the basic plane: there each such character counts as two with the filler behind it.
 */
export function toGlobRegex(pattern: string, separators: string): GlobRegex {
  if (HALF.test(pattern)) throw new TypeError('A glob with half a character has no form in SQL')
  const filler = pattern.includes('?') ? fillerFor(pattern) : undefined
  const inSegment = separators === '' ? '.' : `[^${[...separators].map(literally).join('')}]`
  const isFolder = pattern.endsWith('/**') && pattern.length > 3 && separators.includes('/')
  const read = isFolder ? pattern.slice(0, -3) : pattern
  const tokens = Array.from(read.matchAll(TOKENS), ([token]) => {
    const wildcard = { '**': '.*', '*': `${inSegment}+`, '?': inSegment }[token]
    return wildcard ?? literally(token) + (isBeyond(token) ? (filler ?? '') : '')
  })
  const regex = `^${tokens.join('')}${isFolder ? '(?:/.*)?' : ''}$`
  return { regex, ...(filler !== undefined && { filler }) }
}

/** Tells whether a character is two UTF-16 code units. */
function isBeyond(character: string): boolean {
  return character.length > 1
}

/** Characters that two UTF-16 code units stand for, as Postgres writes them. */
export const BEYOND_BASIC_PLANE = '([\\U00010000-\\U0010FFFF])'

const HALF = /\p{Surrogate}/u

const TOKENS = /\*\*|\*|\?|[^*?]/gsu

/** Behind a backslash every sign means itself; letters and digits would mean something else. */
function literally(character: string): string {
  return /[A-Za-z0-9\u0080-\u{10ffff}]/u.test(character) ? character : `\\${character}`
}

/** A character that the pattern does not name: only a wildcard matches it. */
function fillerFor(pattern: string): string {
  for (let code = FIRST_FILLER; ; code += 1) {
    const filler = String.fromCharCode(code)
    if (!pattern.includes(filler)) return filler
  }
}

/** Private use; a pattern is too short to name them all. */
const FIRST_FILLER = 0xe000
