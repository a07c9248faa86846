/**
 * A client certificate (X.509, DER) whose key the client proved to whoever terminated its TLS connection. Nothing of it is
 * believed yet but that.
 */
export interface ClientCertificate {
  readonly der: Uint8Array
  /** What the client sent beside it, in order: certificates that may lead to an authority. */
  readonly chain: readonly Uint8Array[]
}

/** The little that is needed of a TLS socket of Node's: `getPeerX509Certificate`. */
export interface CertifiedSocket {
  getPeerX509Certificate?(): CertifiedPeer | undefined
}

/** The certificate of the other end, as Node hands it over. */
export interface CertifiedPeer {
  readonly raw: Uint8Array
  readonly issuerCertificate?: CertifiedPeer | undefined
}

/** The most certificates that a client may send beside its own. */
export const LONGEST_CHAIN = 8

/** Marks what came from a handshake, for every copy of this package. */
const brand = Symbol.for('countersign.client-certificate')

/** The certificate that a client proved on a TLS socket; nothing where it showed none, and on a plain socket. */
export function certificateOf(socket: CertifiedSocket): ClientCertificate | undefined {
  const peer = socket.getPeerX509Certificate?.()
  if (peer === undefined) return undefined
  const chain: Uint8Array[] = []
  for (
    let next = above(peer);
    next !== undefined && chain.length < LONGEST_CHAIN;
    next = above(next)
  )
    chain.push(next.raw)
  return provedCertificate(peer.raw, chain)
}

/**
 * Vouches, as a host that terminates TLS by other means, that a client has proved the key of this certificate. Bytes that
 * a client merely sent must never come here: certificates are public.
 */
export function unsafeClientCertificate(
  der: Uint8Array,
  chain: readonly Uint8Array[] = [],
): ClientCertificate {
  return provedCertificate(der, chain.slice(0, LONGEST_CHAIN))
}

/** Tells a certificate that was proved from anything else that looks like one, whichever copy of this package made it. */
export function isClientCertificate(certificate: unknown): certificate is ClientCertificate {
  return typeof certificate === 'object' && certificate !== null && brand in certificate
}

function provedCertificate(der: Uint8Array, chain: readonly Uint8Array[]): ClientCertificate {
  const certificate: ClientCertificate = { der, chain }
  return Object.freeze(Object.defineProperty(certificate, brand, { value: true }))
}

/** A self-signed certificate is its own issuer. */
function above({ raw, issuerCertificate: issuer }: CertifiedPeer): CertifiedPeer | undefined {
  return issuer === undefined || isSame(issuer.raw, raw) ? undefined : issuer
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
