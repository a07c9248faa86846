import type { Attestation, Rejection, VerifierContext } from '@countersign/core/plugin'
import { isRejection } from '@countersign/core/plugin'
import type { FindKey } from '@countersign/evidence'
import {
  chargeOnce,
  checkClaims,
  checkJwt,
  createChecklist,
  LEEWAY,
  plain,
} from '@countersign/evidence'
import { profileOf } from './profiles/index.ts'
import type { TokenTrust } from './trust.ts'
import { toJwtProfile } from './trust.ts'

/** What the token of a workload is appraised by. */
export interface Appraisal {
  readonly trust: TokenTrust
  /** Absent where the keys belong to one issuer, and its tokens need not name it. */
  readonly issuer: string | undefined
  readonly findKey: FindKey
  readonly context: VerifierContext<unknown>
}

/** Checks a token against a policy, one check after the other; the first that fails is the answer. */
export async function appraiseToken(
  token: string,
  { trust, issuer, findKey, context }: Appraisal,
): Promise<Attestation | Rejection> {
  const list = createChecklist(context)
  const profile = toJwtProfile(trust, issuer)
  const claims = await checkJwt(token, { profile, findKey, list, context })
  if (isRejection(claims)) return claims
  const form = profileOf(trust.profile, issuer)?.subject
  const { sub } = claims
  const hasForm = form === undefined || (typeof sub === 'string' && form.test(sub))
  if (form !== undefined)
    list.check('subject_form', hasForm, 'wrong_subject', () => ({ presented: plain(sub) }))
  const attested =
    list.refusal() === undefined || context.rehearsal ? checkClaims(claims, trust, list) : undefined
  const { replay = 'off', leeway = LEEWAY } = trust
  const { organization } = context.identity
  const charges = await chargeOnce({ token, claims }, { replay, leeway, organization }, list)
  const refusal = list.refusal()
  if (refusal !== undefined) return refusal
  return { subject: String(sub), claims: attested ?? {}, ...(charges.length > 0 && { charges }) }
}
