import { toUtf8 } from '../lib/bytes.ts'
import type { Confirmation } from './confirmation.ts'
import type { CredentialId } from './credential.ts'
import { Rejection } from './rejection.ts'

/** What the engine commits together with a grant, after every check. */
export type Charge =
  /** One use of a stored credential. */
  | { readonly kind: 'use'; readonly credential: CredentialId }
  /** A mark that this evidence was seen; the second grant for the same key is refused until `until`. */
  | {
      readonly kind: 'once'
      readonly key: string
      readonly until: Date
      /**
       * A digest of what the first bearer alone knows: until `until`, grants with the same holder pass and lengthen the
       * mark, and all others are refused (trust on first use).
       */
      readonly holder?: string
    }

/** What a satisfied verifier states about a workload (RFC 9334, attestation result). */
export interface Attestation {
  /** Who the evidence is about, in the words of its issuer. */
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly charges?: readonly Charge[]
  /** What its tokens are bound to beside what the source proves: they are refused unless that is proved again. */
  readonly confirmation?: Confirmation
}

/** The most claims of one attestation that a token carries. */
export const MOST_CLAIMS = 200

/** The most bytes of all claims as a token carries them: written as JSON, a character takes up to six. */
export const MOST_CLAIM_BYTES = 4096

/**
 * The claims that rules may refer to: those that are texts. Nothing is left out to make the rest fit: a deny may depend
 * on it.
 */
export function textClaimsOf({
  claims,
}: Attestation): Readonly<Record<string, string>> | undefined | Rejection {
  const texts = Object.entries(claims).filter(
    (claim): claim is [string, string] => typeof claim[1] === 'string',
  )
  if (texts.length === 0) return undefined
  const carried = Object.fromEntries(texts)
  const { length } = toUtf8(JSON.stringify(carried))
  if (texts.length > MOST_CLAIMS || length > MOST_CLAIM_BYTES)
    return new Rejection('claims_too_large')
  return carried
}
