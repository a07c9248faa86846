/** Deeper than any token of any issuer. */
const MOST_DEPTH = 16

/**
 * Reads JSON whose objects name nothing twice and nest no deeper than 16; `undefined` for all else.
 *
 * `JSON.parse` keeps the last of two members, other readers keep the first: a text that means two things means nothing.
 */
export function parseStrictJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  return isUnambiguous(text) ? value : undefined
}

/** Walks over a text that is known to be JSON, and holds the names of the objects that are open. */
function isUnambiguous(text: string): boolean {
  const open: (Set<string> | undefined)[] = []
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token === '}' || token === ']') open.pop()
    else if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined)
    else if (isName(text, index + token.length) && isTaken(open.at(-1), token)) return false
    if (open.length > MOST_DEPTH) return false
  }
  return true
}

function isTaken(names: Set<string> | undefined, token: string): boolean {
  const name: string = JSON.parse(token)
  if (names?.has(name) !== false) return true
  names.add(name)
  return false
}

/** Texts, and the brackets between them; both alternatives read each character once. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]]/g

function isName(text: string, end: number): boolean {
  return /^[ \t\r\n]*:/.test(text.slice(end, end + 64))
}
