/** More members than any token of any issuer has, and fewer than it takes to make look-ups slow. */
const MOST_MEMBERS = 200
/** Deeper than any token of any issuer. */
const MOST_DEPTH = 16

/**
 * Reads JSON whose objects name nothing twice, have 200 members in all and nest 16 deep at the most; `undefined` for all
 * else.
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
  let members = 0
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (!token.startsWith('"')) nest(open, token)
    else if (isName(text, index + token.length)) {
      members += 1
      if (isTaken(open.at(-1), token)) return false
    }
    if (members > MOST_MEMBERS || open.length > MOST_DEPTH) return false
  }
  return true
}

function nest(open: (Set<string> | undefined)[], bracket: string): void {
  if (bracket === '}' || bracket === ']') open.pop()
  else open.push(bracket === '{' ? new Set() : undefined)
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
