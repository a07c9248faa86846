import type { LoginSource, Provided } from '../source.ts'
import { provide } from '../source.ts'
import { assertionSource } from './assertion.ts'

/** An identity, and the JWT-SVID of what runs here. */
export interface SpiffeOptions {
  readonly identity: Provided
  /** Reads the JWT-SVID: the file that `spiffe-helper` or an agent keeps fresh, read anew for every login. */
  readonly token: Provided
  /**
   * How the host knows the trust domain: by its keys, with the profile `spiffe` (`jwt-auth`), by OpenID Connect discovery, or
   * as Infisical's servers do. `jwt-auth` where left out.
   */
  readonly slug?: 'oidc-auth' | 'jwt-auth' | 'spiffe-auth'
}

/** Logs in by a JWT-SVID of SPIFFE. With an X.509-SVID, `tls()` does. */
export function spiffe({ identity, token, slug = 'jwt-auth' }: SpiffeOptions): LoginSource {
  return assertionSource('spiffe', slug, identity, () => provide(token))
}
