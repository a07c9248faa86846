import type { KeyObject } from 'node:crypto'

/** Signatures that count, by their OIDs, and the digest of each; SHA-1 and MD5 are not among them. */
export const SIGNATURES: Readonly<Record<string, string | undefined>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
}

/** Signatures that name no digest beside them: RSASSA-PSS, Ed25519, Ed448. */
const OTHERS: readonly string[] = ['1.2.840.113549.1.1.10', '1.3.101.112', '1.3.101.113']

/** Tells whether a certificate may be signed by an algorithm. */
export function isStrongSignature(algorithm: string): boolean {
  return SIGNATURES[algorithm] !== undefined || OTHERS.includes(algorithm)
}

const CURVES: readonly string[] = ['prime256v1', 'secp384r1', 'secp521r1']

/** Tells whether a key is long enough: RSA of 2048 bits, the curves of NIST, Ed25519 and Ed448. */
export function isStrongKey({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): boolean {
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails
  if (asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss') return modulusLength >= 2048
  if (asymmetricKeyType === 'ec') return CURVES.includes(namedCurve)
  return asymmetricKeyType === 'ed25519' || asymmetricKeyType === 'ed448'
}
