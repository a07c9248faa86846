import type { MaybePromise } from '../lib/after.ts'
import { after } from '../lib/after.ts'
import type { ParsedProof } from '../lib/dpop.ts'
import { isSamePlace, parseProof } from '../lib/dpop.ts'
import { thumbprint } from '../lib/fingerprint.ts'
import { joinWithLengths } from '../lib/lengths.ts'
import type { Verify } from '../lib/signing-key.ts'
import { importVerifyingKey } from '../lib/signing-key.ts'
import { fromEpochSeconds, toEpochSeconds } from '../lib/time.ts'
import type { Proof, ProofFault } from '../model/confirmation.ts'
import { Rejection } from '../model/rejection.ts'
import type { SeenMark } from '../ports/token-store.ts'

/** Seconds that a proof is good for after it was made: long enough to arrive, too short to be of use later. */
export const PROOF_AGE = 60

/** Seconds that the clock of whoever made a proof may be ahead of ours. */
export const PROOF_LEEWAY = 30

/** A proof whose signature is right. It counts once: the mark is taken with what it proves. */
export interface CheckedProof {
  /** The thumbprint of the key that it proves. */
  readonly jkt: string
  readonly mark: SeenMark
}

/**
 * Checks a proof (RFC 9449 section 4.3) at `now`; with a token it must have been made for that one. Only whether it was
 * seen before is left to whoever takes its mark.
 */
export function checkProof(
  proof: Proof,
  now: Date,
  token?: string,
): MaybePromise<CheckedProof | Rejection<ProofFault>> {
  const parsed = parseProof(proof.dpop)
  if (parsed === undefined) return new Rejection('proof_malformed')
  if (!isFor(parsed, proof, token)) return new Rejection('proof_mismatch')
  if (isStale(parsed, now)) return new Rejection('proof_stale')
  return after(isGenuine(parsed), (genuine) =>
    genuine ? { jkt: parsed.thumbprint, mark: markOf(parsed) } : new Rejection('proof_forged'),
  )
}

function isFor({ htm, htu, ath }: ParsedProof, { method, url }: Proof, token?: string): boolean {
  if (htm !== method || !isSamePlace(htu, url)) return false
  return token === undefined || ath === thumbprint(token)
}

function isStale({ iat }: ParsedProof, now: Date): boolean {
  const at = toEpochSeconds(now)
  return at >= iat + PROOF_AGE || iat > at + PROOF_LEEWAY
}

function isGenuine({
  publicKey,
  algorithm,
  signed,
  signature,
}: ParsedProof): MaybePromise<boolean> {
  const verify = importKey({ publicKey, algorithm })
  return after(verify, (key) => key?.(signed, signature) ?? false)
}

/** A key that does not fit its algorithm is the sender's mistake. */
async function importKey({
  publicKey,
  algorithm,
}: Pick<ParsedProof, 'publicKey' | 'algorithm'>): Promise<Verify | undefined> {
  try {
    return await importVerifyingKey(publicKey, algorithm)
  } catch {
    return undefined
  }
}

/** A key chooses its ids for itself: another key's are others. Once a proof is stale nobody needs the mark any more. */
function markOf({ thumbprint: key, jti, iat }: ParsedProof): SeenMark {
  const name = thumbprint(joinWithLengths([key, jti]))
  return { key: `dpop:${name}`, until: fromEpochSeconds(iat + PROOF_AGE) }
}
