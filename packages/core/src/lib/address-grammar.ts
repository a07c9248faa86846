/** An IP address in canonical form: one 32-bit word for IPv4, four for IPv6. */
export interface Address {
  readonly family: 4 | 6
  readonly words: readonly number[]
}

/**
 * Reads one spelling of an address: a dotted quad without leading zeros, or RFC 4291 text.
 *
 * No zone, port, bracket or blank. An IPv4-mapped address is the IPv4 address it stands for (a dual-stack socket
 * shows it so); no other embedding is ever unwrapped.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > MAX_LENGTH) return undefined
  if (!text.includes(':')) {
    const word = parseQuad(text)
    return word === undefined ? undefined : { family: 4, words: [word] }
  }
  const groups = parseGroups(text)
  if (!groups) return undefined
  const words = toWords(groups)
  const [first, second, third, fourth] = words
  if (first === 0 && second === 0 && third === 0xffff && fourth !== undefined)
    return { family: 4, words: [fourth] }
  return { family: 6, words }
}

/** Writes an address in the one form of RFC 5952. */
export function formatAddress(address: Address): string {
  if (address.family === 4) return formatQuad(address.words[0] ?? 0)
  const groups = address.words.flatMap((word) => [word >>> 16, word & 0xffff])
  const gap = longestGap(groups)
  if (gap.length < 2) return formatGroups(groups)
  return `${formatGroups(groups.slice(0, gap.start))}::${formatGroups(groups.slice(gap.start + gap.length))}`
}

/** The longest spelling: `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`. */
const MAX_LENGTH = 45

const DOT = 0x2e
const HEX_GROUP = /^[0-9A-Fa-f]{1,4}$/

function parseQuad(text: string): number | undefined {
  let word = 0
  let octets = 0
  let position = 0
  while (octets < 4) {
    const start = position
    let octet = 0
    while (position - start < 3 && isDigit(text.charCodeAt(position))) {
      octet = octet * 10 + text.charCodeAt(position) - 0x30
      position += 1
    }
    if (position === start || octet > 255) return undefined
    if (position - start > 1 && text.charCodeAt(start) === 0x30) return undefined
    word = word * 256 + octet
    octets += 1
    if (octets < 4 && text.charCodeAt(position) !== DOT) return undefined
    position += 1
  }
  return position === text.length + 1 ? word : undefined
}

/** The eight 16-bit groups of an IPv6 address. */
function parseGroups(text: string): readonly number[] | undefined {
  const [head = '', tail, second] = text.split('::', 3)
  if (second !== undefined) return undefined
  if (tail === undefined) {
    const groups = readGroups(head, 'quad')
    return groups?.length === 8 ? groups : undefined
  }
  const left = readGroups(head, 'hex')
  const right = readGroups(tail, 'quad')
  // RFC 4291, 2.2: "::" stands for one or more groups, so eight others leave it no room.
  if (!left || !right || left.length + right.length > 7) return undefined
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right]
}

/** The groups between colons; a dotted quad may stand for the last two of an address. */
function readGroups(text: string, last: 'hex' | 'quad'): readonly number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const pieces = text.split(':')
  for (const [index, piece] of pieces.entries()) {
    if (HEX_GROUP.test(piece)) groups.push(Number.parseInt(piece, 16))
    else if (last === 'hex' || index < pieces.length - 1) return undefined
    else {
      const word = parseQuad(piece)
      if (word === undefined) return undefined
      groups.push(word >>> 16, word & 0xffff)
    }
  }
  return groups
}

function toWords(groups: readonly number[]): readonly number[] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups
  return [a * 65_536 + b, c * 65_536 + d, e * 65_536 + f, g * 65_536 + h]
}

function formatQuad(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`
}

function formatGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':')
}

/** The longest run of zero groups, the first one among equals (RFC 5952, 4.2). */
function longestGap(groups: readonly number[]): {
  readonly start: number
  readonly length: number
} {
  let longest = { start: 0, length: 0 }
  let start = 0
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1
    else if (index + 1 - start > longest.length) longest = { start, length: index + 1 - start }
  }
  return longest
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
