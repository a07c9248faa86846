import { ClientError } from '../client-error.ts'
import type { LoginSource, Provided, SourceContext } from '../source.ts'
import { provide } from '../source.ts'

/** Logs in with a token of somebody else's, under a name of the wire. */
export function assertionSource(
  name: string,
  slug: string,
  identity: Provided,
  readToken: (context: SourceContext) => Promise<string>,
): LoginSource {
  return {
    kind: 'login',
    name,
    async read(context) {
      const jwt = (await readToken(context)).trim()
      if (jwt === '') throw new ClientError('evidence_missing', `${name}: the token is empty`)
      return { slug, fields: { identityId: await provide(identity), jwt } }
    },
  }
}

/** An identity, and a token of an issuer that it trusts. */
export interface AssertionOptions {
  readonly identity: Provided
  /** A function where the token rotates: it is asked anew for every login. */
  readonly token: Provided
}

/** Logs in by a token of an OpenID Connect issuer. */
export function oidc({ identity, token }: AssertionOptions): LoginSource {
  return assertionSource('oidc', 'oidc-auth', identity, () => provide(token))
}

/** Logs in by a JWT whose issuer's keys are configured. */
export function jwt({ identity, token }: AssertionOptions): LoginSource {
  return assertionSource('jwt', 'jwt-auth', identity, () => provide(token))
}
