import type { Attestation, Rejection, VerifierContext } from '@countersign/core/plugin'
import type { Checklist, Claims, KeyStores } from '@countersign/evidence'
import { chargeOnce, LEEWAY } from '@countersign/evidence'
import type { GcpPolicy } from './policy.ts'

/** Where Google publishes keys: other places are those of a test. */
export interface KeyPlaces {
  /** The keys of Google's own tokens. */
  readonly google: string
  /** Below this, by its e-mail address, the keys of each service account. */
  readonly serviceAccounts: string
}

/** What a token is appraised with. */
export interface Appraisal {
  readonly context: VerifierContext<GcpPolicy>
  readonly keys: KeyStores
  readonly list: Checklist
  readonly places: KeyPlaces
}

/** Whom a token must be for. */
export function audiencesOf({ policy, identity }: VerifierContext<GcpPolicy>): readonly string[] {
  return policy.audiences ?? [identity.id]
}

/** Answers what was found, once no check failed. */
export async function settle(
  { token, claims }: { readonly token: string; readonly claims: Claims },
  { context, list }: Appraisal,
  attestation: Attestation,
): Promise<Attestation | Rejection> {
  const { replay = 'off', leeway = LEEWAY } = context.policy
  const { organization } = context.identity
  const charges = await chargeOnce({ token, claims }, { replay, leeway, organization }, list)
  const refusal = list.refusal()
  if (refusal !== undefined) return refusal
  return { ...attestation, ...(charges.length > 0 && { charges }) }
}
