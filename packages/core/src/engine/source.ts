import type { AddressMatcher } from '../lib/address.ts'
import { formatAddress, parseAddress, sourceNetworkOf } from '../lib/address.ts'
import { clientAddressOf } from '../lib/forwarded.ts'
import type { Peer, Source } from '../model/source.ts'

/** Compiles a list of networks into the question whether it admits an address. */
export type CompileNetworks = (networks: readonly string[]) => AddressMatcher

/** Tells whether a list of networks admits the address of a source. */
export type Admits = (networks: readonly string[], { address }: Source) => boolean

/** Creates the check of allow-lists. An address that is unknown or unreadable passes only where nothing is restricted. */
export function createAdmits(compile: CompileNetworks): Admits {
  return (networks, { address: text }) => {
    if (coversEverything(networks)) return true
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

/** Creates the reader of client addresses: the socket's, or the first untrusted hop behind trusted proxies. */
export function createSourceOf(trustedProxies: AddressMatcher | undefined): (peer: Peer) => Source {
  return ({ address, forwardedFor, requestId, userAgent }) => {
    const client = clientAddressOf(address, forwardedFor, trustedProxies)
    return {
      ...(client !== undefined && { address: formatAddress(client) }),
      ...(requestId !== undefined && { requestId }),
      ...(userAgent !== undefined && { userAgent }),
    }
  }
}
