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
  const inIpv4 = compileRanges(toRanges(parsed.filter(({ family }) => family === 4)))
  const inIpv6 = compileRanges(toRanges(parsed.filter(({ family }) => family === 6)))
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

/** A table of the ranges by their first telling word leaves a search of a few steps, however many there are. */
function compileRanges(ranges: readonly Range[]): WordsMatcher {
  const [first, last] = [ranges[0]?.start, ranges.at(-1)?.start]
  if (!first || !last) return () => false
  const width = first.length
  const starts = Uint32Array.from(ranges.flatMap(({ start }) => start))
  const ends = Uint32Array.from(ranges.flatMap(({ end }) => end))
  // Sorted ranges share every word that the first and the last one share, their ends included.
  const pivot = Math.max(
    0,
    first.findIndex((word, index) => word !== last[index]),
  )
  const keys = ranges.map(({ start }) => start[pivot] ?? 0)
  const { lowest, shift, table } = indexKeys(keys)
  return (words) => {
    if (!sharesWords(words, first, pivot)) return false
    const distance = (words[pivot] ?? 0) - lowest
    if (distance < 0) return false
    const bucket = Math.min(distance >>> shift, table.length - 2)
    let low = table[bucket] ?? 0
    let high = table[bucket + 1] ?? 0
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareRow(starts, middle * width, words) <= 0) low = middle + 1
      else high = middle
    }
    return low > 0 && compareRow(ends, (low - 1) * width, words) >= 0
  }
}

function sharesWords(a: readonly number[], b: readonly number[], count: number): boolean {
  for (let index = 0; index < count; index += 1) if (a[index] !== b[index]) return false
  return true
}

interface KeyIndex {
  readonly lowest: number
  /** How far right a key's distance from the lowest one is moved to give its bucket. */
  readonly shift: number
  /** How many keys lie before each bucket, and last how many there are. */
  readonly table: Uint32Array
}

function indexKeys(keys: readonly number[]): KeyIndex {
  const lowest = keys[0] ?? 0
  const span = (keys.at(-1) ?? 0) - lowest
  const shift = Math.max(0, 32 - Math.clz32(span) - INDEX_BITS)
  const table = new Uint32Array((span >>> shift) + 2)
  for (const key of keys) {
    const after = ((key - lowest) >>> shift) + 1
    table[after] = (table[after] ?? 0) + 1
  }
  for (let bucket = 1; bucket < table.length; bucket += 1)
    table[bucket] = (table[bucket] ?? 0) + (table[bucket - 1] ?? 0)
  return { lowest, shift, table }
}

/** At most 2048 buckets for a list of at most 1000 networks. */
const INDEX_BITS = 11

function compareRow(table: Uint32Array, offset: number, words: readonly number[]): number {
  for (let index = 0; index < words.length; index += 1) {
    const difference = (table[offset + index] ?? 0) - (words[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
