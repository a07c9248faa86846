import type { ClientRuntime } from './runtime.ts'

/** What a source may use while it obtains evidence. */
export interface SourceContext {
  readonly runtime: ClientRuntime
  readonly signal: AbortSignal
  /** The address of the Countersign host: an audience, where a source is told none. */
  readonly audience: string
}

/** A login: the route of its method, and what is posted there. */
export interface LoginRequest {
  /** The name of the method on the wire: `universal-auth`, `oidc-auth`. */
  readonly slug: string
  readonly fields: Readonly<Record<string, string>>
}

/** Where a workload keeps its credential: read anew for every login, never kept. */
export interface LoginSource {
  readonly kind: 'login'
  /** What is shown in messages and events. */
  readonly name: string
  readonly read: (context: SourceContext) => Promise<LoginRequest>
  /** What requests travel by, where the connection itself is the evidence. */
  readonly fetch?: typeof globalThis.fetch
}

/** Where a token lies that needs no login. */
export interface TokenSource {
  readonly kind: 'token'
  readonly name: string
  readonly read: (context: SourceContext) => Promise<string>
}

/** How a client proves who it is. */
export type Source = LoginSource | TokenSource

/** A text, or what yields it when it is wanted: a credential that rotates is a function. */
export type Provided = string | (() => string | Promise<string>)

/** Reads a text that may be provided by a function. */
export async function provide(provided: Provided): Promise<string> {
  return (typeof provided === 'string' ? provided : await provided()).trim()
}
