import type { AddressMatcher } from '../lib/address.ts'
import { formatAddress, parseAddress, sourceNetworkOf } from '../lib/address.ts'
import type { CertificateHeader } from '../lib/certificate-header.ts'
import { readCertificateHeader } from '../lib/certificate-header.ts'
import { clientAddressOf } from '../lib/forwarded.ts'
import type { ClientCertificate } from '../model/client-certificate.ts'
import { isClientCertificate, unsafeClientCertificate } from '../model/client-certificate.ts'
import type { Proof } from '../model/confirmation.ts'
import type { Peer, ProvedRequest, Source } from '../model/source.ts'

/** Compiles a list of networks into the question whether it admits an address. */
export type CompileNetworks = (networks: readonly string[]) => AddressMatcher

/** Tells whether a list of networks admits the address of a source. */
export type Admits = (networks: readonly string[], source: Source) => boolean

/** Creates the check of allow-lists. An address that is unknown or unreadable passes only where nothing is restricted. */
export function createAdmits(compile: CompileNetworks): Admits {
  return (networks, source) => {
    if (coversEverything(networks)) return true
    const { address: text } = source
    const address = text === undefined ? undefined : parseAddress(text)
    return address !== undefined && compile(networks)(address)
  }
}

function coversEverything(networks: readonly string[]): boolean {
  return networks.includes('0.0.0.0/0') && networks.includes('::/0')
}

/** The network that lockout and budgets count by: an IPv4 /32, an IPv6 /64, or one word for all unknown addresses. */
export function sourceNetwork({ address: text }: Source): string {
  const address = text === undefined ? undefined : parseAddress(text)
  return address === undefined ? 'unknown' : sourceNetworkOf(address)
}

/** Creates the reader of sources: the socket's address and certificate, or what trusted proxies say of the client. */
export function createSourceOf(
  trustedProxies: AddressMatcher | undefined,
  header: CertificateHeader | undefined,
  issuer: string,
): (peer: Peer) => Source {
  const { origin } = new URL(issuer)
  const isProxy = (text: string | undefined): boolean => {
    const address = text === undefined ? undefined : parseAddress(text)
    return address !== undefined && trustedProxies?.(address) === true
  }
  return (peer) => {
    const { address, forwardedFor, request, requestId, userAgent } = peer
    const client = clientAddressOf(address, forwardedFor, trustedProxies)
    // The certificate on a proxy's own connection is the proxy's.
    const certificate = isProxy(address) ? forwardedCertificate(peer, header) : peer.certificate
    return {
      ...(client !== undefined && { address: formatAddress(client) }),
      ...(isClientCertificate(certificate) && { certificate }),
      ...(request !== undefined && { proof: proofOf(request, origin) }),
      ...(requestId !== undefined && { requestId }),
      ...(userAgent !== undefined && { userAgent }),
    }
  }
}

/** No header says where a client meant to go: whoever has a proof for another server could write it. */
function proofOf({ dpop, method, target, publicUrl }: ProvedRequest, origin: string): Proof {
  return { dpop, method, url: `${publicUrl ?? origin}${target}` }
}

function forwardedCertificate(
  { header }: Peer,
  place: CertificateHeader | undefined,
): ClientCertificate | undefined {
  const text = place && header?.(place.header)
  const [der, ...chain] = (place && text && readCertificateHeader(text, place.format)) || []
  return der && unsafeClientCertificate(der, chain)
}
