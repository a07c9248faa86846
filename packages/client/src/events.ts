import type { ClientError } from './client-error.ts'

/** What a client tells while it works; no event holds a credential. */
export type ClientEvent =
  | { readonly type: 'logged_in'; readonly source: string; readonly expiresIn: number }
  | { readonly type: 'renewed'; readonly expiresIn: number }
  | { readonly type: 'retrying'; readonly error: ClientError; readonly pause: number }
  | { readonly type: 'failed'; readonly error: ClientError }
  | { readonly type: 'revoked' }

/** Hears the events of a client; what it throws is dropped. */
export type OnClientEvent = (event: ClientEvent) => void
