import type { CredentialId } from './credential.ts'

/** What the engine commits together with a grant, after every check. */
export type Charge =
  /** One use of a stored credential. */
  | { readonly kind: 'use'; readonly credential: CredentialId }
  /** A mark that this evidence was seen; the second grant for the same key is refused until `until`. */
  | { readonly kind: 'once'; readonly key: string; readonly until: Date }

/** What a satisfied verifier states about a workload (RFC 9334, attestation result). */
export interface Attestation {
  /** Who the evidence is about, in the words of its issuer. */
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly charges?: readonly Charge[]
}
