import type { Provided, TokenSource } from '../source.ts'
import { provide } from '../source.ts'

/** Presents a static token, which needs no login. */
export function staticToken(token: Provided): TokenSource {
  return { kind: 'token', name: 'static token', read: () => provide(token) }
}
