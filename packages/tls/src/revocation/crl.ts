import { CertificateRevocationList } from 'pkijs'
import type { Certificate } from '../certificate/certificate.ts'
import { hexOf, serialOf } from '../certificate/certificate.ts'
import { CRL_SIGN } from '../certificate/extensions.ts'
import type { Signed } from './signed.ts'
import { isSignedBy } from './signed.ts'

/** What is known of one certificate. */
export type Status = 'good' | 'revoked' | 'unknown'

/** A revocation list (RFC 5280, 5) that was read; nothing of it is believed yet. */
export interface Crl {
  /** The name of the authority as it is encoded, in hex. */
  readonly issuer: string
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  /** Serial numbers in lower-case hex. */
  readonly revoked: ReadonlySet<string>
  readonly signed: Signed
}

/** Its own number, and identifiers of keys. */
const UNDERSTOOD: readonly string[] = ['2.5.29.20', '2.5.29.35']

/**
 * Reads a list from DER. Nothing where it is none, has no end, or is only a part of one: deltas, and lists for some
 * certificates or some reasons, are marked as critical.
 */
export function readCrl(der: Uint8Array): Crl | undefined {
  try {
    const parsed = CertificateRevocationList.fromBER(new Uint8Array(der))
    const { crlExtensions, revokedCertificates = [], nextUpdate, signatureAlgorithm } = parsed
    const extensions = crlExtensions?.extensions ?? []
    if (nextUpdate === undefined) return undefined
    if (extensions.some(({ critical, extnID }) => critical && !UNDERSTOOD.includes(extnID)))
      return undefined
    return {
      issuer: hexOf(parsed.issuer.valueBeforeDecode),
      thisUpdate: parsed.thisUpdate.value,
      nextUpdate: nextUpdate.value,
      revoked: new Set(
        revokedCertificates.map(({ userCertificate }) =>
          serialOf(userCertificate.valueBlock.valueHexView),
        ),
      ),
      signed: {
        data: new Uint8Array(parsed.tbsView),
        signature: new Uint8Array(parsed.signatureValue.valueBlock.valueHexView),
        algorithm: signatureAlgorithm.algorithmId,
      },
    }
  } catch {
    // The reader throws what it likes at bytes that are no list.
    return undefined
  }
}

/** What some lists say of a certificate: a list that is too old may still accuse, and never clears. */
export function statusOf(
  { serial }: Certificate,
  issuer: Certificate,
  lists: readonly Crl[],
  now: Date,
): Status {
  const own = lists.filter((list) => isFrom(list, issuer))
  if (own.some(({ revoked }) => revoked.has(serial))) return 'revoked'
  return own.some(({ thisUpdate, nextUpdate }) => thisUpdate <= now && now < nextUpdate)
    ? 'good'
    : 'unknown'
}

function isFrom({ issuer: name, signed }: Crl, issuer: Certificate): boolean {
  const { keyUsage = CRL_SIGN, native, subject } = issuer
  if (name !== subject || (keyUsage & CRL_SIGN) === 0) return false
  return isSignedBy(signed, native.publicKey)
}
