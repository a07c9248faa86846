import type { LoginSource, Provided } from '../source.ts'
import { provide } from '../source.ts'

/** A client id and a client secret. */
export interface UniversalOptions {
  readonly clientId: Provided
  /** Better a function that reads where the secret lies: it is asked anew for every login. */
  readonly clientSecret: Provided
}

/** Logs in by universal auth, on Countersign hosts and on Infisical servers. */
export function universal({ clientId, clientSecret }: UniversalOptions): LoginSource {
  return {
    kind: 'login',
    name: 'universal',
    read: async () => ({
      slug: 'universal-auth',
      fields: {
        clientId: await provide(clientId),
        clientSecret: await provide(clientSecret),
      },
    }),
  }
}
