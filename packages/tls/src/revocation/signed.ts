import type { KeyObject } from 'node:crypto'
import { verify } from 'node:crypto'
import { SIGNATURES } from '../path/strength.ts'

/** What an authority signed beside certificates. */
export interface Signed {
  readonly data: Uint8Array
  readonly signature: Uint8Array
  /** The OID of the algorithm. */
  readonly algorithm: string
}

/** Ed25519 and Ed448 digest by themselves. */
const WITHOUT_DIGEST: readonly string[] = ['1.3.101.112', '1.3.101.113']

/** Tells whether a key made a signature, by an algorithm that counts. RSASSA-PSS is not read here. */
export function isSignedBy({ data, signature, algorithm }: Signed, key: KeyObject): boolean {
  const digest = SIGNATURES[algorithm]
  if (digest === undefined && !WITHOUT_DIGEST.includes(algorithm)) return false
  try {
    return verify(digest, data, key, signature)
  } catch {
    // OpenSSL throws where a key and an algorithm are of different kinds.
    return false
  }
}
