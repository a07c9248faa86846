import { confirm } from '../engine/confirm.ts'
import { createTokenCheck } from '../engine/token-check.ts'
import { invalidRequest, invalidToken } from '../errors.ts'
import { defined } from '../lib/defined.ts'
import type { JsonWebKey } from '../lib/signing-key.ts'
import { fromEpochSeconds } from '../lib/time.ts'
import type { Confirmation } from '../model/confirmation.ts'
import { isRejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import type { Runtime } from '../ports/runtime.ts'
import { systemRuntime } from '../system-runtime.ts'
import type { RemoteKeys } from './remote-keys.ts'
import { createRemoteKeys, readKeys } from './remote-keys.ts'
import { createSeenProofs } from './seen-proofs.ts'

/** What another service checks tokens with. */
export interface VerifierOptions {
  /** The issuer, exactly as its tokens name it. */
  readonly issuer: string
  /** Whom the tokens must be meant for: this service. The issuer itself, for tokens that name no other audience. */
  readonly audience: string
  /** Where the keys are, or the keys themselves; by default the issuer's `/.well-known/jwks.json`. */
  readonly jwks?: string | URL | { readonly keys: readonly JsonWebKey[] } | undefined
  /** Fetches the keys; the global one by default. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /**
   * Marks a DPoP proof as seen until a given instant, and answers false where it was: for services of several processes. By
   * default each process remembers its own.
   */
  readonly markSeen?:
    | ((mark: { readonly key: string; readonly until: Date }, now: Date) => Promise<boolean>)
    | undefined
}

/** What a token says, as its signature proves. */
export interface VerifiedToken {
  /** The identity's id, which is its client id. */
  readonly identity: string
  readonly organization: string
  /** How it logged in. */
  readonly method: string
  readonly session: string
  readonly issuedAt: Date
  readonly expiresAt: Date
  /** What it is restricted to, in the words of the deployment's permissions; absent means all that its identity holds. */
  readonly permissions?: readonly string[]
  /** What it is bound to, and what was proved; absent where it is a bearer's. */
  readonly confirmation?: Confirmation
}

/** What came beside a token: what it is bound to must be proved by it. */
export type ShownBeside = Pick<Source, 'proof' | 'certificate'>

/** Checks tokens of a deployment away from it: without its storage, and without what only its storage knows. */
export interface TokenVerifier {
  /**
   * Answers what a token says. A token that is bound to a key or a certificate is good only beside that proof or that
   * certificate, and a proof only beside a token that is bound to its key: hand it over where the scheme was `DPoP`.
   *
   * @throws `invalid_token`, whatever is wrong with it; `unavailable` where the keys could not be read; a `TypeError` for
   * what is no string.
   */
  verify(token: string, beside?: ShownBeside): Promise<VerifiedToken>
}

/**
 * Creates a verifier for another service (RFC 9068 section 4).
 *
 * It sees the signature, the issuer, the audience and the expiry. It does not see revocation, disabled or deleted
 * identities, allowed addresses, use limits or permissions: where these matter, ask the deployment.
 *
 * @throws `invalid_request` where an option is unusable.
 */
export function createVerifier(options: VerifierOptions): TokenVerifier {
  return createVerifierWith(systemRuntime, options)
}

/** Creates a verifier on a runtime of the caller's, for tests. */
export function createVerifierWith(runtime: Runtime, options: VerifierOptions): TokenVerifier {
  const { issuer, audience } = options
  if (typeof issuer !== 'string' || issuer === '')
    throw invalidRequest('issuer must be the issuer of the tokens')
  if (typeof audience !== 'string' || audience === '')
    throw invalidRequest('audience must name this service')
  const keys = keysOf({ ...runtime, fetch: options.fetch ?? runtime.fetch }, options)
  const { check } = createTokenCheck({ issuer, audience, keys })
  const { markSeen = createSeenProofs() } = options

  return Object.freeze({
    async verify(token: string, beside: ShownBeside = {}) {
      if (typeof token !== 'string') throw new TypeError('The token to verify must be a string')
      const now = runtime.clock()
      const claims = await check(token, now)
      if (isRejection(claims)) throw invalidToken(claims.reason)
      const { cnf: confirmation, prm: permissions } = claims
      const confirmed = await confirm({ cnf: confirmation, token }, beside, now, markSeen)
      if (isRejection(confirmed)) throw invalidToken(confirmed.reason)
      return {
        identity: claims.sub,
        organization: claims.org,
        method: claims.amr[0],
        session: claims.sid,
        issuedAt: fromEpochSeconds(claims.iat),
        expiresAt: fromEpochSeconds(claims.exp),
        ...defined({ permissions, confirmation }),
      }
    },
  })
}

function keysOf(runtime: Runtime, { issuer, jwks }: VerifierOptions): RemoteKeys {
  if (typeof jwks === 'object' && !(jwks instanceof URL)) {
    const read = readKeys(jwks)
    read.catch(() => undefined)
    return { find: async (kid) => (await read).get(kid) }
  }
  const url = String(jwks ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`)
  if (!URL.canParse(url)) throw invalidRequest('jwks must be a URL or a JWK set')
  return createRemoteKeys(new URL(url), runtime)
}
