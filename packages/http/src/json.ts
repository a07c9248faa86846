import type { Outcome } from './refusal.ts'
import { badRequest } from './refusal.ts'

/** The deepest nesting of arrays and objects that is taken. */
export const DEEPEST = 16

/**
 * Parses a JSON object as I-JSON (RFC 7493): no name twice, no lone surrogate; and nested 16 deep at the most. What two
 * parsers could read in two ways is refused, so that no proxy and no log sees another request than we do.
 */
export function parseJson(text: string): Outcome<object> {
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return badRequest('The request body must be a JSON object')
  const { depth, members } = measure(text)
  if (depth > DEEPEST) return badRequest(`The request body must be nested at most ${DEEPEST} deep`)
  const seen = survey(value)
  if (seen.members !== members) return badRequest('The request body must not hold a name twice')
  if (!seen.wellFormed) return badRequest('The request body must be valid Unicode')
  if (seen.hasProto) return badRequest('The request body must not hold the name __proto__')
  return { value }
}

/** JSON.parse throws on what is not JSON, and where a stack is small on what is nested deeper than it. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Measures text that is known to be JSON: how deep it is nested, and how many members its objects are written with. */
function measure(text: string): { readonly depth: number; readonly members: number } {
  let level = 0
  let depth = 0
  let members = 0
  for (const [mark] of text.matchAll(MARKS)) {
    if (mark === '{' || mark === '[') level += 1
    if (mark === '}' || mark === ']') level -= 1
    if (mark === ':') members += 1
    if (level > depth) depth = level
  }
  return { depth, members }
}

/** A string as a whole, or one character of structure outside of strings. */
const MARKS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g

interface Survey {
  readonly members: number
  readonly wellFormed: boolean
  /** One name that means something else to whoever copies objects. */
  readonly hasProto: boolean
}

/** Counts the members that are left once every name is there only once, and looks at every text. */
function survey(value: unknown): Survey {
  if (typeof value === 'string') return { ...PLAIN, wellFormed: !LONE_SURROGATE.test(value) }
  if (typeof value !== 'object' || value === null) return PLAIN
  const names = Array.isArray(value) ? [] : Object.keys(value)
  const inside = Object.values(value).map(survey)
  return {
    members: inside.reduce((sum, { members }) => sum + members, names.length),
    wellFormed:
      names.every((name) => !LONE_SURROGATE.test(name)) &&
      inside.every(({ wellFormed }) => wellFormed),
    hasProto: names.includes('__proto__') || inside.some(({ hasProto }) => hasProto),
  }
}

const PLAIN: Survey = { members: 0, wellFormed: true, hasProto: false }

const LONE_SURROGATE = /\p{Surrogate}/u
