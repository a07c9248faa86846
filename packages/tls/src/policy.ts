import type { SchemaOf } from '@countersign/core/plugin'
import type { CompiledEgress } from '@countersign/evidence'
import {
  chosen,
  isPlainObject,
  listOf,
  literal,
  objectOf,
  optional,
  text,
} from '@countersign/evidence'
import type { Certificate } from './certificate/certificate.ts'
import { readPem } from './certificate/pem.ts'
import type { AllowedNames } from './names.ts'
import { NAME_LISTS, nameMembers } from './names.ts'
import { readCrl } from './revocation/crl.ts'

/** How a policy learns of certificates that were revoked. */
export interface RevocationPolicy {
  /** Revocation lists (PEM), of every authority between a certificate and the end of its path. */
  readonly crls?: string | undefined
  /** Where such lists lie, as DER or PEM. */
  readonly crlUrls?: readonly string[] | undefined
  /** Asks by OCSP: `true` where certificates say, or one responder for all. */
  readonly ocsp?: true | { readonly url: string } | undefined
  /** What becomes of a login where nobody can tell: `unavailable` (the usual one), or granted with a notice in the trail. */
  readonly unknown?: 'refuse' | 'allow' | undefined
}

/** Whose certificates an auth method trusts, and which of them. */
export interface TlsPolicy extends AllowedNames {
  /** Authorities (PEM); those that were issued by another of them are intermediates. */
  readonly ca: string
  /** Serial numbers in hex, of certificates that an end of a path issued itself; needs a single such authority. */
  readonly serialNumbers?: readonly string[] | undefined
  /** SHA-256 of public keys (SubjectPublicKeyInfo), in hex. */
  readonly keyFingerprints?: readonly string[] | undefined
  /** Says that every certificate of these authorities may log in. */
  readonly anyName?: true | undefined
  /** Says that certificates without an extended key usage may log in, too. */
  readonly anyUsage?: true | undefined
  readonly revocation?: RevocationPolicy | undefined
}

/** Reads the certificates of a PEM text; nothing where one of them cannot be read. */
export type ReadBundle = (pem: string) => readonly Certificate[] | undefined

/** The schema of policies. */
export function policyOf({ refuse }: CompiledEgress, bundle: ReadBundle): SchemaOf<TlsPolicy> {
  const url = text(1024, refuse)
  return objectOf<TlsPolicy>(
    {
      ...nameMembers,
      ca: text(102_400, (pem) => refuseAuthorities(pem, bundle)),
      serialNumbers: optional(listOf(text(40, refuseSerial), 100)),
      keyFingerprints: optional(listOf(text(64, refuseFingerprint), 100)),
      anyName: optional(literal(true)),
      anyUsage: optional(literal(true)),
      revocation: optional(
        objectOf<RevocationPolicy>(
          {
            crls: optional(text(1_048_576, refuseLists)),
            crlUrls: optional(listOf(url, 16)),
            ocsp: optional(
              chosen<true | { readonly url: string }>((input) =>
                isPlainObject(input) ? objectOf<{ readonly url: string }>({ url }) : literal(true),
              ),
            ),
            unknown: optional(literal('refuse', 'allow')),
          },
          ({ crls, crlUrls, ocsp }) =>
            [crls, crlUrls, ocsp].every((way) => way === undefined)
              ? 'must have crls, crlUrls or ocsp'
              : undefined,
        ),
      ),
    },
    (policy) => refuseOpen(policy, bundle),
  )
}

/** Whom nothing but the authority picks out would be everybody it ever certifies. */
function refuseOpen(policy: TlsPolicy, bundle: ReadBundle): string | undefined {
  const { anyName, serialNumbers, keyFingerprints, ca } = policy
  const picks =
    NAME_LISTS.some((member) => policy[member] !== undefined) ||
    serialNumbers !== undefined ||
    keyFingerprints !== undefined
  if (!picks && anyName === undefined)
    return 'must name certificates: commonNames, dnsNames, uris, spiffeIds or others; or say anyName: true'
  if (picks && anyName !== undefined) return 'must not have anyName beside names'
  if (serialNumbers === undefined || keyFingerprints !== undefined) return undefined
  return bundle(ca)?.length === 1
    ? undefined
    : 'must have a single authority in ca where serialNumbers stand alone: each counts by itself'
}

function refuseAuthorities(pem: string, read: ReadBundle): string | undefined {
  if (pem.includes('PRIVATE KEY')) return 'must be certificates in PEM, and nothing else'
  const bundle = read(pem)
  if (bundle === undefined || bundle.length === 0) return 'must be certificates in PEM'
  if (bundle.length > 32) return 'must be at most 32 certificates'
  return bundle.every(({ isAuthority }) => isAuthority)
    ? undefined
    : 'must be certificates of authorities; pin one of a client by its keyFingerprints'
}

function refuseLists(pem: string): string | undefined {
  const lists = readPem(pem, 'X509 CRL').map(readCrl)
  return lists.length > 0 && lists.every((list) => list !== undefined)
    ? undefined
    : 'must be revocation lists in PEM'
}

function refuseSerial(serial: string): string | undefined {
  return /^(?:0|[1-9a-f][0-9a-f]*)$/.test(serial)
    ? undefined
    : 'must be a serial number in lower-case hex, without colons and zeros in front'
}

function refuseFingerprint(fingerprint: string): string | undefined {
  return /^[0-9a-f]{64}$/.test(fingerprint)
    ? undefined
    : 'must be a SHA-256 in 64 digits of lower-case hex'
}
