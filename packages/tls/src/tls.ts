import type { Attestation, Rejection, SchemaOf, Verifier } from '@countersign/core/plugin'
import { isClientCertificate } from '@countersign/core/plugin'
import type { Checklist, OutboundOptions } from '@countersign/evidence'
import { createChecklist, createOutbound, objectOf, plain } from '@countersign/evidence'
import { attestedOf } from './attested.ts'
import type { Certificate } from './certificate/certificate.ts'
import { readCertificate } from './certificate/certificate.ts'
import { readBundle, readPem } from './certificate/pem.ts'
import { createMemo } from './memo.ts'
import { checkNames } from './names.ts'
import { findPath, toTrust } from './path/find-path.ts'
import type { Path } from './path/judge-path.ts'
import type { TlsPolicy } from './policy.ts'
import { policyOf } from './policy.ts'
import { checkRevocation } from './revocation/check-revocation.ts'
import { readCrl } from './revocation/crl.ts'
import { createCrlStore } from './revocation/crl-store.ts'
import { tlsWire } from './wire.ts'

declare const nothing: unique symbol

/** A login by certificate says nothing: the certificate is that of its connection, and never a text that was sent. */
export interface TlsCredential {
  /** A member that nobody can name. */
  readonly [nothing]?: never
}

/** What says anything is refused: a certificate in a request proves nothing. */
const NO_FIELDS = objectOf<object>({}) as SchemaOf<TlsCredential>

/** Creates the verifier of TLS client certificates. */
export function tls(options: OutboundOptions = {}): Verifier<'tls', TlsPolicy, TlsCredential> {
  // Revocation lists and answers of responders are signed: plain http is how they are published (RFC 5280, 4.2.1.13).
  const outbound = createOutbound({ ...options, egress: { ...options.egress, plainHttp: true } })
  const findCrl = createCrlStore(outbound)
  const bundle = createMemo(readBundle, 256)
  const trustOf = createMemo((pem: string) => toTrust(bundle(pem) ?? []), 256)
  const readLists = createMemo(
    (pem: string) =>
      readPem(pem, 'X509 CRL')
        .map(readCrl)
        .filter((crl) => crl !== undefined),
    64,
  )
  return Object.freeze<Verifier<'tls', TlsPolicy, TlsCredential>>({
    method: 'tls',
    policy: policyOf(outbound.egress, bundle),
    credential: NO_FIELDS,
    wire: tlsWire,
    async verify(_credential, context): Promise<Attestation | Rejection> {
      const { policy, source, now, notice } = context
      const list = createChecklist(context)
      const shown = source.certificate
      if (!isClientCertificate(shown)) return list.stop('certificate', 'certificate_missing')
      const leaf = readCertificate(shown.der)
      if (leaf === undefined) return list.stop('readable', 'certificate_unreadable')
      // What was sent beside it only helps: a part of it that cannot be read is as good as absent.
      const sent = shown.chain.map(readCertificate).filter((one) => one !== undefined)
      const demands = { now, anyUsage: policy.anyUsage === true }
      const found = findPath(leaf, sent, trustOf(policy.ca), demands)
      if ('fault' in found) return list.stop('path', found.fault, () => shownOf(leaf))
      list.check('path', true, '')
      const named = checkPins(found.path, policy, list) && checkNames(leaf, policy, list)
      const refusal = list.refusal()
      if (!named || refusal !== undefined) return refusal ?? list.stop('names', 'name_not_allowed')
      if (policy.revocation !== undefined) {
        const moment = { now, list, notice, signal: context.signal }
        const parts = { outbound, findCrl, readLists }
        await checkRevocation(found.path, policy.revocation, parts, moment)
      }
      return list.refusal() ?? { subject: `x509:${leaf.keyFingerprint}`, claims: attestedOf(leaf) }
    },
  })
}

/** A serial number says something only together with who counted. */
function checkPins(
  path: Path,
  { serialNumbers, keyFingerprints }: TlsPolicy,
  list: Checklist,
): boolean {
  const [leaf] = path
  const bySerial =
    serialNumbers === undefined || (path.length === 2 && serialNumbers.includes(leaf.serial))
  const byKey = keyFingerprints === undefined || keyFingerprints.includes(leaf.keyFingerprint)
  return (
    list.check('serial', bySerial, 'serial_not_allowed', () => ({ presented: leaf.serial })) &&
    list.check('key', byKey, 'key_not_allowed')
  )
}

/** Nobody vouches for what it says: only its dates and its number are shown. */
function shownOf({ serial, notBefore, notAfter }: Certificate): { readonly presented: string } {
  return {
    presented: plain(`${serial}, ${notBefore.toISOString()} to ${notAfter.toISOString()}`),
  }
}
