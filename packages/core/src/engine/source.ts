import type { Address, AddressMatcher } from '../lib/address.ts'
import { compileNetworks, formatAddress, parseAddress, sourceNetworkOf } from '../lib/address.ts'
import { clientAddressOf } from '../lib/forwarded.ts'
import type { Peer, Source } from '../model/source.ts'

/** Where a request came from, in the form that the rules compare. */
export interface Origin {
  readonly address?: Address
  /** The network that lockout and budgets count by: an IPv4 /32, an IPv6 /64, or one word for all unknown addresses. */
  readonly network: string
}

/** Reads the address of a source; one that cannot be read is unknown, which no allow-list admits. */
export function originOf(source: Source): Origin {
  const address = source.address === undefined ? undefined : parseAddress(source.address)
  if (address === undefined) return { network: 'unknown' }
  return { address, network: sourceNetworkOf(address) }
}

/** Tells whether a list of networks admits an origin. */
export function admits(networks: readonly string[], origin: Origin): boolean {
  return origin.address !== undefined
    ? compileNetworks(networks)(origin.address)
    : coversEverything(networks)
}

/** An unknown address is refused by every restriction, but a list of everything restricts nothing. */
function coversEverything(networks: readonly string[]): boolean {
  return networks.includes('0.0.0.0/0') && networks.includes('::/0')
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
