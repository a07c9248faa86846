import { LRUCache } from 'lru-cache'
import type { AddressMatcher } from '../lib/address.ts'
import { compileNetworks } from '../lib/address.ts'

/**
 * Creates a compiler of network lists that compiles each list once: by the list itself while it is the same object, and
 * by its text where another copy of it was read.
 */
export function createCompiledNetworks(
  most: number,
): (networks: readonly string[]) => AddressMatcher {
  const byList = new WeakMap<readonly string[], AddressMatcher>()
  const byText = new LRUCache<string, AddressMatcher>({ max: most })

  return (networks) => {
    const known = byList.get(networks)
    if (known !== undefined) return known
    const text = networks.join(' ')
    const matcher = byText.get(text) ?? compileNetworks(networks)
    byText.set(text, matcher)
    byList.set(networks, matcher)
    return matcher
  }
}
