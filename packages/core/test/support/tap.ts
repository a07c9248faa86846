import { Buffer } from 'node:buffer'
import type { Storage } from '../../src/ports/storage.ts'

/** Everything that a storage was handed and answered, inside of transactions too: at least what a dump of it would show. */
export interface Tap {
  readonly around: (storage: Storage) => Storage
  readonly values: readonly unknown[]
}

type Verb = (...values: readonly unknown[]) => unknown

/** Creates a tap. */
export function createTap(): Tap {
  const values: unknown[] = []

  function tapVerb(verb: Verb): Verb {
    return async (...handed) => {
      const tapped = handed.map((value) =>
        typeof value === 'function' ? (stores: unknown) => value(tap(stores)) : value,
      )
      const answer = await verb(...tapped)
      values.push(...handed, answer)
      return answer
    }
  }

  function tap(member: unknown): unknown {
    if (typeof member === 'function') return tapVerb(member as Verb)
    if (typeof member !== 'object' || member === null) return member
    return Object.fromEntries(Object.entries(member).map(([name, inner]) => [name, tap(inner)]))
  }

  return { values, around: (storage) => tap(storage) as Storage }
}

const ENCODINGS = ['base64url', 'base64', 'hex', 'latin1'] as const

/** The texts in a value, and its bytes as texts, each once. */
export function textsIn(value: unknown): ReadonlySet<string> {
  const texts = new Set<string>()
  const seen = new Set<unknown>()

  function visit(part: unknown): void {
    if (typeof part === 'string') texts.add(part)
    if (typeof part !== 'object' || part === null || seen.has(part)) return
    seen.add(part)
    const encodings = part instanceof Uint8Array ? ENCODINGS : []
    for (const encoding of encodings) texts.add(Buffer.from(part as Uint8Array).toString(encoding))
    for (const inner of encodings.length > 0 ? [] : Object.entries(part).flat()) visit(inner)
  }

  visit(value)
  return texts
}
