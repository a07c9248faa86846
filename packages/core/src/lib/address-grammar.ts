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
  // A dual-stack socket shows every IPv4 client like this.
  const mapped = text.startsWith(MAPPED) ? parseQuad(text.slice(MAPPED.length)) : undefined
  if (mapped !== undefined) return { family: 4, words: [mapped] }
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

const MAPPED = '::ffff:'

const DOT = 0x2e
const COLON = 0x3a
const ZERO = 0x30

function parseQuad(text: string): number | undefined {
  let word = 0
  let position = 0
  for (let count = 1; count <= 4; count += 1) {
    const end = endOfDigits(text, position)
    const octet = readOctet(text, position, end)
    if (octet === NONE) return undefined
    if (count < 4 ? text.charCodeAt(end) !== DOT : end !== text.length) return undefined
    word = word * 256 + octet
    position = end + 1
  }
  return word
}

const NONE = -1

/** Where the digits of an octet end: three at the most. */
function endOfDigits(text: string, start: number): number {
  let end = start
  while (end < start + 3 && isDigit(text.charCodeAt(end))) end += 1
  return end
}

function readOctet(text: string, start: number, end: number): number {
  if (end === start) return NONE
  // A zero in front means octal to others.
  if (end > start + 1 && text.charCodeAt(start) === ZERO) return NONE
  let octet = 0
  for (let position = start; position < end; position += 1)
    octet = octet * 10 + text.charCodeAt(position) - ZERO
  return octet > 255 ? NONE : octet
}

/** The eight 16-bit groups of an IPv6 address. */
function parseGroups(text: string): readonly number[] | undefined {
  const groups = [0, 0, 0, 0, 0, 0, 0, 0]
  const gap = text.indexOf('::')
  if (gap < 0) return readGroups(text, groups, 0) === 8 ? groups : undefined
  const head = text.slice(0, gap)
  const left = head.includes('.') ? NONE : readGroups(head, groups, 0)
  if (left === NONE) return undefined
  const count = readGroups(text.slice(gap + 2), groups, left)
  // RFC 4291, 2.2: "::" stands for one or more groups, so eight others leave it no room.
  if (count === NONE || count > 7) return undefined
  moveToEnd(groups, left, count)
  return groups
}

/** Reads the groups between colons, and answers how many there are then; a dotted quad may stand for the last two. */
function readGroups(text: string, groups: number[], before: number): number {
  if (text === '') return before
  let count = before
  let position = 0
  while (position <= text.length) {
    const end = endOfHex(text, position)
    if (text.charCodeAt(end) === DOT) return readQuad(text.slice(position), groups, count)
    if (end === position || count === 8) return NONE
    groups[count] = readHex(text, position, end)
    count += 1
    if (end < text.length && text.charCodeAt(end) !== COLON) return NONE
    position = end + 1
  }
  return count
}

function readQuad(text: string, groups: number[], before: number): number {
  const word = before > 6 ? undefined : parseQuad(text)
  if (word === undefined) return NONE
  groups[before] = word >>> 16
  groups[before + 1] = word & 0xffff
  return before + 2
}

/** Moves the groups from `start` to the end, and leaves zeros behind. */
function moveToEnd(groups: number[], start: number, end: number): void {
  const distance = groups.length - end
  for (let place = end - 1; place >= start; place -= 1) {
    groups[place + distance] = groups[place] ?? 0
    groups[place] = 0
  }
}

/** Where the digits of a group end: four at the most. */
function endOfHex(text: string, start: number): number {
  let end = start
  while (end < start + 4 && hexValue(text.charCodeAt(end)) >= 0) end += 1
  return end
}

function readHex(text: string, start: number, end: number): number {
  let group = 0
  for (let position = start; position < end; position += 1)
    group = group * 16 + hexValue(text.charCodeAt(position))
  return group
}

/** The value of a hexadecimal digit, or -1. */
function hexValue(code: number): number {
  if (isDigit(code)) return code - ZERO
  // Bit 5 tells a small letter from its capital.
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
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
  return code >= ZERO && code <= 0x39
}
