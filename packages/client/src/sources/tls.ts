import type { LoginSource, Provided } from '../source.ts'
import { provide } from '../source.ts'

/** An identity, and what presents its certificate. */
export interface TlsOptions {
  readonly identity: Provided
  /** A `fetch` that shows the certificate in the handshake: `certificateFetch(…)` of `@countersign/client/node`, a binding of an edge runtime. */
  readonly fetch: typeof globalThis.fetch
}

/** Logs in by the client certificate of the connection, by which all further requests of the client travel as well. */
export function tls({ identity, fetch }: TlsOptions): LoginSource {
  return {
    kind: 'login',
    name: 'tls',
    fetch,
    read: async () => ({
      slug: 'tls-cert-auth',
      fields: { identityId: await provide(identity) },
    }),
  }
}
