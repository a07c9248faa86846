import { createHash, X509Certificate } from 'node:crypto'
import type { Extension } from 'pkijs'
import { Certificate as Parsed } from 'pkijs'
import type { Extensions } from './extensions.ts'
import { readExtensions } from './extensions.ts'
import type { SubjectNames } from './names.ts'
import { readSubject, Unreadable } from './names.ts'

/** The most bytes of one certificate: ten times what any workload has. */
export const LARGEST_CERTIFICATE = 16_384

/** A certificate that was read; nothing of it is believed yet. */
export interface Certificate extends Extensions {
  readonly der: Uint8Array
  /** What OpenSSL makes of it: signatures are checked by that. */
  readonly native: X509Certificate
  /** SHA-256 of the whole certificate, in hex. */
  readonly fingerprint: string
  /** SHA-256 of its `SubjectPublicKeyInfo`, in hex: the same for all certificates of one key. */
  readonly keyFingerprint: string
  /** The two names as they are encoded, in hex: they are compared byte for byte. */
  readonly issuer: string
  readonly subject: string
  /** In lower-case hex, without zeros in front. */
  readonly serial: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** The OID of the algorithm that it is signed with. */
  readonly signatureAlgorithm: string
  readonly subjectNames: SubjectNames
}

/** Reads a certificate from DER, and from nothing else; nothing where any part of it cannot be read for certain. */
export function readCertificate(der: Uint8Array): Certificate | undefined {
  if (der.length > LARGEST_CERTIFICATE) return undefined
  try {
    const native = new X509Certificate(der)
    // PEM, and whatever stands behind the end, would be read by one reader and not by the other.
    if (!native.raw.equals(der)) return undefined
    return certificateFrom(der, native, Parsed.fromBER(new Uint8Array(der)))
  } catch {
    // Two readers and our own rules throw what they like at bytes that anybody may send.
    return undefined
  }
}

/** What is not self-signed by its own word; the signature is another question. */
export function isSelfIssued({
  issuer,
  subject,
}: Pick<Certificate, 'issuer' | 'subject'>): boolean {
  return issuer === subject
}

function certificateFrom(der: Uint8Array, native: X509Certificate, parsed: Parsed): Certificate {
  const { signatureAlgorithm, signature, extensions = [] } = parsed
  if (signatureAlgorithm.algorithmId !== signature.algorithmId) throw new Unreadable()
  return {
    ...readExtensions(extensions as readonly Extension[]),
    der,
    native,
    fingerprint: sha256(der),
    keyFingerprint: sha256(native.publicKey.export({ type: 'spki', format: 'der' })),
    issuer: hexOf(parsed.issuer.valueBeforeDecode),
    subject: hexOf(parsed.subject.valueBeforeDecode),
    serial: serialOf(parsed.serialNumber.valueBlock.valueHexView),
    notBefore: parsed.notBefore.value,
    notAfter: parsed.notAfter.value,
    signatureAlgorithm: signatureAlgorithm.algorithmId,
    subjectNames: readSubject(parsed.subject.typesAndValues),
  }
}

/** A serial number in lower-case hex, without zeros in front. */
export function serialOf(bytes: Uint8Array): string {
  return hexOf(bytes).replace(/^0+(?=.)/, '')
}

/** Bytes in lower-case hex. */
export function hexOf(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(bytes as Uint8Array).toString('hex')
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
