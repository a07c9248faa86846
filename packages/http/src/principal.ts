import type { CountersignError, HostClaim, Principal } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import { parseBearer, sourceBeside, tokenOf } from './bearer.ts'
import type { Origin } from './caller.ts'
import { refuseCrossSite } from './cross-site.ts'
import type { GuardEngine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import type { Outcome } from './refusal.ts'
import { TOKEN_MISSING } from './refusal.ts'

/** Answers who the host itself says is asking, by a session or a key of its own; `undefined` where it knows nobody. */
export type AskUser = () => HostClaim | undefined | Promise<HostClaim | undefined>

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
  const principal = await engine.tryAuthenticate(
    tokenOf(bearer),
    sourceBeside(bearer.scheme, source),
  )
  return isCountersignError(principal) ? { refusal: principal } : { value: principal }
}

async function findUser(
  engine: GuardEngine & { readonly issuer: string },
  exchange: Exchange,
): Promise<Outcome<Principal>> {
  const claim = await exchange.user?.()
  if (claim === undefined) return { refusal: TOKEN_MISSING }
  const refusal = refuseCrossSite(exchange, engine.issuer)
  if (refusal !== undefined) return { refusal }
  const vouched = await vouchFor(engine, claim)
  return isCountersignError(vouched) ? { refusal: vouched } : { value: vouched }
}

/**
 * Makes a principal on the host's word, or says why there is none: an identity that was disabled since is the client's to
 * know. A claim that is none is the host's mistake.
 */
export async function vouchFor<P>(
  engine: { principalFor(claim: HostClaim): P | Promise<P> },
  claim: HostClaim,
): Promise<P | CountersignError> {
  try {
    return await engine.principalFor(claim)
  } catch (error) {
    if (!isCountersignError(error)) throw error
    if (error.code === 'invalid_credential') return error
    if (error.code !== 'invalid_request') throw error
    throw new TypeError(`What user() answered is no claim: ${error.message}`)
  }
}
