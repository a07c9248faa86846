/** What whoever shows a token must prove beside it (RFC 7800, `cnf`): all that is named. */
export interface Confirmation {
  /** The RFC 7638 thumbprint of the key that signs its DPoP proofs (RFC 9449 section 6.1). */
  readonly jkt?: string
  /** The SHA-256 of its client certificate, base64url (RFC 8705 section 3.1). */
  readonly 'x5t#S256'?: string
}

/** A DPoP proof, and the request that it came with (RFC 9449). */
export interface Proof {
  /** The `DPoP` header as it was sent. */
  readonly dpop: string
  readonly method: string
  /** The URL as its client wrote it, on the word of whoever serves it: never of a `Host` header. */
  readonly url: string
}

/** Why what was shown does not confirm a token. */
export type ConfirmationRefusal =
  | ProofFault
  | 'proof_missing'
  | 'wrong_key'
  | 'wrong_certificate'
  | 'not_bound'

/** What is wrong with a proof itself. */
export type ProofFault =
  | 'proof_malformed'
  /** It was made for another method, URL or token. */
  | 'proof_mismatch'
  /** It was made too long ago, or will be. */
  | 'proof_stale'
  | 'proof_forged'
  | 'proof_replayed'

/** Tells whether a value is a confirmation that we write: an unknown member would have to be proved as well. */
export function isConfirmation(value: unknown): value is Confirmation {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const members = Object.entries(value)
  return (
    members.length > 0 &&
    members.every(([name, text]) => MEMBERS.has(name) && typeof text === 'string')
  )
}

const MEMBERS: ReadonlySet<string> = new Set(['jkt', 'x5t#S256'])
