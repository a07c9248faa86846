import type { Outcome } from './refusal.ts'
import { badRequest } from './refusal.ts'

/** Parses a form: every name once (RFC 6749 section 3.2), and no name that some parser would take for a structure. */
export function parseForm(text: string): Outcome<Readonly<Record<string, string>>> {
  const fields = new Map<string, string>()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const [name, value] = splitPair(pair).map(decodePart)
    if (name === undefined || value === undefined)
      return badRequest('The form must be percent-encoded UTF-8')
    if (/[[\]]/.test(name)) return badRequest('The form must not hold names with brackets')
    if (fields.has(name)) return badRequest('The form must not hold a name twice')
    fields.set(name, value)
  }
  return { value: Object.fromEntries(fields) }
}

function splitPair(pair: string): readonly [string, string] {
  const equals = pair.indexOf('=')
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
}

/** Strict, where `URLSearchParams` would put replacement characters. */
function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
