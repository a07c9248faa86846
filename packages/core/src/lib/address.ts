import type { Address } from './address-grammar.ts'
import { formatAddress, parseAddress } from './address-grammar.ts'

export type { Address } from './address-grammar.ts'
export { formatAddress, parseAddress } from './address-grammar.ts'

/** A block of addresses: its first one, and how many leading bits all of them share. */
export interface Network {
  readonly family: 4 | 6
  readonly words: readonly number[]
  readonly prefix: number
}

/** Tells whether an address lies in one of the networks it was compiled from. */
export type AddressMatcher = (address: Address) => boolean

/**
 * Reads an address, or an address and a prefix length in plain decimal.
 *
 * Set host bits are cleared. A mapped block (`::ffff:10.0.0.0/104`) is the IPv4 block it stands for (`10.0.0.0/8`);
 * one that is wider than all of IPv4 is refused.
 */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  const host = slash < 0 ? text : text.slice(0, slash)
  const address = parseAddress(host)
  if (!address) return undefined
  const mapped = address.family === 4 && host.includes(':')
  const width = address.family === 4 && !mapped ? 32 : 128
  const written = slash < 0 ? width : parsePrefix(text.slice(slash + 1))
  if (written === undefined || written > width) return undefined
  const prefix = mapped ? written - 96 : written
  if (prefix < 0) return undefined
  return { family: address.family, words: maskWords(address.words, prefix), prefix }
}

/** Writes a network as `address/prefix`, a single host as the address alone. */
export function formatNetwork(network: Network): string {
  const text = formatAddress(network)
  return network.prefix === network.words.length * 32 ? text : `${text}/${network.prefix}`
}

/**
 * Compiles a list of networks into a test that costs one binary search, however long the list is.
 *
 * Throws a `TypeError` that names the position of an entry it cannot read. An empty list admits nobody.
 */
export function compileNetworks(networks: readonly string[]): AddressMatcher {
  const parsed = networks.map(parseNetworkAt)
  const inIpv4 = compileIpv4(toRanges(parsed.filter(({ family }) => family === 4)))
  const inIpv6 = compileIpv6(toRanges(parsed.filter(({ family }) => family === 6)))
  return ({ family, words }) => (family === 4 ? inIpv4(words) : inIpv6(words))
}

/** Names the party behind an address: the IPv4 host, or the IPv6 /64 that one customer holds. */
export function sourceNetworkOf(address: Address): string {
  if (address.family === 4) return formatAddress(address)
  return formatNetwork({ family: 6, words: maskWords(address.words, 64), prefix: 64 })
}

interface Range {
  readonly start: readonly number[]
  readonly end: readonly number[]
}

type WordsMatcher = (words: readonly number[]) => boolean

const PREFIX = /^(?:0|[1-9][0-9]{0,2})$/

function parsePrefix(text: string): number | undefined {
  return PREFIX.test(text) ? Number(text) : undefined
}

/** The bits of one 32-bit word that a prefix fixes. */
function maskOf(prefix: number, index: number): number {
  const bits = Math.min(32, Math.max(0, prefix - index * 32))
  return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0
}

function maskWords(words: readonly number[], prefix: number): readonly number[] {
  return words.map((word, index) => (word & maskOf(prefix, index)) >>> 0)
}

function parseNetworkAt(text: string, index: number): Network {
  const network = parseNetwork(text)
  if (!network) throw new TypeError(`Entry ${index} is neither an IP address nor a network`)
  return network
}

/** Sorted and disjoint: two networks either nest or share nothing, so only what starts first can hold the next. */
function toRanges(networks: readonly Network[]): readonly Range[] {
  const kept: Range[] = []
  for (const range of networks.map(rangeOf).toSorted(compareRanges)) {
    const last = kept.at(-1)
    if (!last || compareWords(last.end, range.start) < 0) kept.push(range)
  }
  return kept
}

function rangeOf({ words, prefix }: Network): Range {
  return {
    start: words,
    end: words.map((word, index) => (word | ~maskOf(prefix, index)) >>> 0),
  }
}

/** By start, and the wider of two first. */
function compareRanges(a: Range, b: Range): number {
  return compareWords(a.start, b.start) || compareWords(b.end, a.end)
}

function compareWords(a: readonly number[], b: readonly number[]): number {
  for (const [index, word] of a.entries()) {
    const difference = word - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function compileIpv4(ranges: readonly Range[]): WordsMatcher {
  const starts = Uint32Array.from(ranges, ({ start }) => start[0] ?? 0)
  const ends = Uint32Array.from(ranges, ({ end }) => end[0] ?? 0)
  return ([word = 0]) => {
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((starts[middle] ?? 0) <= word) low = middle + 1
      else high = middle
    }
    return low > 0 && word <= (ends[low - 1] ?? 0)
  }
}

function compileIpv6(ranges: readonly Range[]): WordsMatcher {
  const starts = Uint32Array.from(ranges.flatMap(({ start }) => start))
  const ends = Uint32Array.from(ranges.flatMap(({ end }) => end))
  return (words) => {
    let low = 0
    let high = ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareRow(starts, middle, words) <= 0) low = middle + 1
      else high = middle
    }
    return low > 0 && compareRow(ends, low - 1, words) >= 0
  }
}

function compareRow(table: Uint32Array, row: number, words: readonly number[]): number {
  for (let index = 0; index < 4; index += 1) {
    const difference = (table[row * 4 + index] ?? 0) - (words[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
