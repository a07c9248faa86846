import { problem } from './problem.ts'
import type { Body, Fields } from './read-body.ts'

/** The deepest nesting that is parsed. */
const MAX_DEPTH = 16

const NOT_JSON = refuse('The body must be a JSON object')
const TOO_DEEP = refuse('The body is nested too deeply')

/** Parses a JSON object; a member that is there twice is refused, because parsers disagree on which one counts. */
export function parseJson(text: string): Body {
  const outline = outlineOf(text)
  if (outline.depth > MAX_DEPTH) return TOO_DEEP
  const value = parseQuietly(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return NOT_JSON
  const [twice] = repeated(outline.names.map((name) => String(parseQuietly(name))))
  if (twice !== undefined) return refuse('A member of the body is there twice')
  return { fields: value as Fields }
}

/** Parses a form (WHATWG URL, application/x-www-form-urlencoded); names mean themselves, brackets and all. */
export function parseForm(text: string): Body {
  if (/%(?![0-9a-f]{2})/i.test(text)) return refuse('The body has a malformed escape')
  const entries = [...new URLSearchParams(text)]
  const [twice] = repeated(entries.map(([name]) => name))
  if (twice !== undefined) return refuse('A field of the body is there twice')
  return { fields: Object.fromEntries(entries) }
}

function refuse(message: string): Body {
  return { problem: problem(400, message) }
}

function repeated(names: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  return names.filter((name) => seen.size === seen.add(name).size)
}

function parseQuietly(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface Outline {
  readonly depth: number
  /** The names of the outermost object's members, quotes and escapes included. */
  readonly names: readonly string[]
}

/** Finds out in one pass how deep a JSON text is, and what its outermost members are called. */
function outlineOf(text: string): Outline {
  const names: string[] = []
  let depth = 0
  let deepest = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth -= 1
    else if (character === '"') {
      const end = endOfString(text, at)
      if (depth === 1 && /^\s*:/.test(text.slice(end, end + 64))) names.push(text.slice(at, end))
      at = end - 1
    }
  }
  return { depth: deepest, names }
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
