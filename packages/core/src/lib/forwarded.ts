import type { Address, AddressMatcher } from './address.ts'
import { parseAddress } from './address.ts'

/**
 * Finds the address of the client behind trusted proxies: the first hop, from the right, that is not trusted.
 *
 * `forwardedFor` is the one X-Forwarded-For header, its lines joined in order. Without trusted proxies, or from a peer
 * that is none, it counts for nothing. `undefined` means unknown: an unreadable hop before the answer, more than
 * 32 hops, or nobody but proxies.
 */
export function clientAddressOf(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: AddressMatcher | undefined,
): Address | undefined {
  const address = peer === undefined ? undefined : parseAddress(peer)
  if (!address || !trustedProxies?.(address)) return address
  const hops = forwardedFor === undefined ? [] : forwardedFor.split(',', MAX_HOPS + 1)
  if (hops.length > MAX_HOPS) return undefined
  for (let index = hops.length - 1; index >= 0; index -= 1) {
    const hop = parseAddress(withoutListBlanks(hops, index))
    if (!hop) return undefined
    if (!trustedProxies(hop)) return hop
  }
  return undefined
}

const MAX_HOPS = 32

/** Blanks belong to the comma beside them (RFC 9110, 5.6.1), never to the ends of the header. */
function withoutListBlanks(hops: readonly string[], index: number): string {
  const hop = hops[index] ?? ''
  let start = 0
  let end = hop.length
  if (index > 0) while (start < end && isBlank(hop.charCodeAt(start))) start += 1
  if (index < hops.length - 1) while (end > start && isBlank(hop.charCodeAt(end - 1))) end -= 1
  return hop.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
