import type { LoginSource, Provided } from '../source.ts'
import { assertionSource } from './assertion.ts'
import { askMetadata } from './metadata.ts'

/** An identity, and the way to the API of a machine of Fly.io. */
export interface FlyOptions {
  readonly identity: Provided
  /** A `fetch` over the socket `/.fly/api`: `socketFetch('/.fly/api')` of `@countersign/client/node`. */
  readonly fetch: typeof globalThis.fetch
  /** What the token is for: the address of the host where left out. */
  readonly audience?: string | undefined
}

/** Logs in by the OpenID Connect token of a machine of Fly.io. */
export function fly({ identity, fetch, audience }: FlyOptions): LoginSource {
  return assertionSource('fly', 'oidc-auth', identity, async (context) => {
    const within = { ...context, runtime: { ...context.runtime, fetch } }
    const response = await askMetadata(within, 'http://localhost/v1/tokens/oidc', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ aud: audience ?? context.audience }),
    })
    return response.text()
  })
}
