import type { Principal, UserClaim } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import { parseBearer, sourceBeside, tokenOf } from './bearer.ts'
import type { Origin } from './caller.ts'
import { refuseCrossSite } from './cross-site.ts'
import type { GuardEngine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import type { Outcome } from './refusal.ts'
import { TOKEN_MISSING } from './refusal.ts'

/** Answers who the host's own session says is asking; `undefined` where it knows nobody. */
export type AskUser = () => UserClaim | undefined | Promise<UserClaim | undefined>

/** Tells whether a request shows no credential of ours: an empty header counts as none. */
export function showsNothing(authorization: string | undefined): boolean {
  return authorization === undefined || authorization.trim() === ''
}

/**
 * Finds who makes a request: whoever its bearer token proves, or, where it shows no `Authorization` at all, the person
 * whom the host knows. Behind such a person may stand a cookie, and so another site.
 */
export async function findPrincipal(
  engine: GuardEngine & { readonly issuer: string },
  exchange: Exchange,
  { source }: Origin,
): Promise<Outcome<Principal>> {
  const authorization = exchange.header('authorization')
  if (showsNothing(authorization)) return findUser(engine, exchange)
  const bearer = parseBearer(authorization)
  if (bearer.kind === 'absent') return { refusal: TOKEN_MISSING }
  const principal = await engine.tryAuthenticate(tokenOf(bearer), sourceBeside(bearer, source))
  return isCountersignError(principal) ? { refusal: principal } : { value: principal }
}

async function findUser(
  engine: GuardEngine & { readonly issuer: string },
  exchange: Exchange,
): Promise<Outcome<Principal>> {
  const claim = await exchange.user?.()
  if (claim === undefined) return { refusal: TOKEN_MISSING }
  const refusal = refuseCrossSite(exchange, engine.issuer)
  return refusal === undefined ? { value: await vouchFor(engine, claim) } : { refusal }
}

/** Makes the principal of a user on the host's word; a claim that is none is the host's mistake, not the client's. */
export async function vouchFor<P>(
  engine: { principalFor(claim: UserClaim): P | Promise<P> },
  claim: UserClaim,
): Promise<P> {
  try {
    return await engine.principalFor(claim)
  } catch (error) {
    if (!isCountersignError(error) || error.code !== 'invalid_request') throw error
    throw new TypeError(`What user() answered is no claim about a user: ${error.message}`)
  }
}
