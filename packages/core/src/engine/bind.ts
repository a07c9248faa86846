import { defined } from '../lib/defined.ts'
import type { TokenClaims } from '../model/access-token.ts'
import type { Attestation } from '../model/attestation.ts'
import type { AuthMethod } from '../model/auth-method.ts'
import type { Confirmation } from '../model/confirmation.ts'
import type { TokenReason } from '../model/rejection.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import type { CheckedProof } from './check-proof.ts'
import type { Confirmed } from './confirm.ts'
import { confirm, thumbprintOfCertificate } from './confirm.ts'
import type { Parts } from './parts.ts'

/** What a login's tokens are bound to: what the verifier says, the key of a proof that was shown, what the policy wants. */
export function bindLogin(
  { confirmation }: Attestation,
  { tokenPolicy }: Pick<AuthMethod, 'tokenPolicy'>,
  source: Source,
  proof: CheckedProof | undefined,
): Confirmation | Rejection | undefined {
  return meet({ ...confirmation, ...jktOf(proof) }, tokenPolicy, source)
}

/** What is to be bound again: a token, and the auth method as it is today. */
interface Held {
  readonly claims: TokenClaims
  readonly authMethod: AuthMethod
}

/** Creates the binding of a login's further tokens: all that the shown one demands is proved again, and stays demanded. */
export function createBindAgain({ storage }: Pick<Parts, 'storage'>) {
  return async (
    { claims, authMethod }: Held,
    source: Source,
    now: Date,
  ): Promise<Confirmation | Rejection<TokenReason> | undefined> => {
    const demand = { cnf: claims.cnf, unasked: 'binds' } as const
    const proved = await confirm(demand, source, now, storage.tokens.markSeen)
    if (isRejection(proved)) return proved
    return meet({ ...claims.cnf, ...jktOf(proved) }, authMethod.tokenPolicy, source)
  }
}

function jktOf(proved: Confirmed | undefined): Confirmation {
  return defined({ jkt: proved?.jkt })
}

function meet(
  bound: Confirmation,
  { boundTo }: AuthMethod['tokenPolicy'],
  source: Source,
): Confirmation | Rejection<'proof_missing' | 'wrong_certificate'> | undefined {
  if (boundTo === 'dpop' && bound.jkt === undefined) return new Rejection('proof_missing')
  if (boundTo !== 'certificate' || bound['x5t#S256'] !== undefined)
    return Object.keys(bound).length === 0 ? undefined : bound
  const shown = thumbprintOfCertificate(source.certificate)
  return shown === undefined ? new Rejection('wrong_certificate') : { ...bound, 'x5t#S256': shown }
}
