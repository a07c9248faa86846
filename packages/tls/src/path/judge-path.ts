import type { Certificate } from '../certificate/certificate.ts'
import { isSelfIssued } from '../certificate/certificate.ts'
import { DIGITAL_SIGNATURE, KEY_CERT_SIGN } from '../certificate/extensions.ts'
import type { ConstraintFault } from './name-constraints.ts'
import { refuseNames } from './name-constraints.ts'
import { isStrongKey, isStrongSignature } from './strength.ts'

/** A client's certificate, what signed it, and so on to an authority that the policy trusts. */
export type Path = readonly [leaf: Certificate, ...issuers: Certificate[]]

/** Why a path proves nothing. */
export type PathFault =
  | 'certificate_is_authority'
  | 'certificate_expired'
  | 'certificate_not_yet_valid'
  | 'issuer_expired'
  | 'issuer_not_yet_valid'
  | 'issuer_is_no_authority'
  | 'path_too_long'
  | 'client_auth_not_allowed'
  | 'issuer_client_auth_not_allowed'
  | 'signing_not_allowed'
  | 'weak_algorithm'
  | 'unknown_critical_extension'
  | ConstraintFault

/** What a policy says beyond RFC 5280. */
export interface PathDemands {
  readonly now: Date
  /** Whether a certificate without any extended key usage may log in. */
  readonly anyUsage: boolean
}

/** Judges a path whose signatures are known to be right, by RFC 5280, 6.1: the certificate first, then its issuers. */
export function refusePath(path: Path, demands: PathDemands): PathFault | undefined {
  const [leaf, ...issuers] = path
  return (
    refuseLeaf(leaf, demands) ??
    firstOf(issuers, (issuer, index) => refuseIssuer(issuer, issuers.slice(0, index), demands)) ??
    firstOf(path, (certificate, index) =>
      // The signature of the last one is nobody's business: the policy itself vouches for it.
      index < path.length - 1 && !isStrongSignature(certificate.signatureAlgorithm)
        ? 'weak_algorithm'
        : undefined,
    ) ??
    refuseAllNames(path)
  )
}

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const ANY_USAGE = '2.5.29.37.0'

function refuseLeaf(leaf: Certificate, { now, anyUsage }: PathDemands): PathFault | undefined {
  const { isAuthority, keyUsage = DIGITAL_SIGNATURE, usages, native } = leaf
  if (isAuthority || (keyUsage & KEY_CERT_SIGN) !== 0) return 'certificate_is_authority'
  if (now < leaf.notBefore) return 'certificate_not_yet_valid'
  if (now > leaf.notAfter) return 'certificate_expired'
  if (leaf.hasUnknownCritical) return 'unknown_critical_extension'
  if ((keyUsage & DIGITAL_SIGNATURE) === 0) return 'signing_not_allowed'
  if (usages === undefined ? !anyUsage : !allowsClients(usages)) return 'client_auth_not_allowed'
  return isStrongKey(native.publicKey) ? undefined : 'weak_algorithm'
}

function refuseIssuer(
  issuer: Certificate,
  between: readonly Certificate[],
  { now }: PathDemands,
): PathFault | undefined {
  const { isAuthority, keyUsage = 0, pathLength = Number.POSITIVE_INFINITY, usages } = issuer
  if (!isAuthority || (keyUsage & KEY_CERT_SIGN) === 0) return 'issuer_is_no_authority'
  if (now < issuer.notBefore) return 'issuer_not_yet_valid'
  if (now > issuer.notAfter) return 'issuer_expired'
  if (issuer.hasUnknownCritical) return 'unknown_critical_extension'
  if (between.filter((one) => !isSelfIssued(one)).length > pathLength) return 'path_too_long'
  if (usages !== undefined && !allowsClients(usages)) return 'issuer_client_auth_not_allowed'
  return isStrongKey(issuer.native.publicKey) ? undefined : 'weak_algorithm'
}

function allowsClients(usages: readonly string[]): boolean {
  return usages.includes(CLIENT_AUTH) || usages.includes(ANY_USAGE)
}

/** Each authority constrains all below it, itself issued ones of the same name excepted (RFC 5280, 6.1.3). */
function refuseAllNames(path: Path): PathFault | undefined {
  return firstOf(path, (authority, height) =>
    firstOf(path.slice(0, height), (below, index) =>
      index > 0 && isSelfIssued(below) ? undefined : refuseNames(below, authority),
    ),
  )
}

function firstOf<T>(
  items: readonly T[],
  refuse: (item: T, index: number) => PathFault | undefined,
): PathFault | undefined {
  for (const [index, item] of items.entries()) {
    const fault = refuse(item, index)
    if (fault !== undefined) return fault
  }
  return undefined
}
