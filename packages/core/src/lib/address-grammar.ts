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
  const hex = withoutQuad(text)
  const groups = hex === undefined ? undefined : parseGroups(hex)
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

/** What stands for nothing where a number is expected. */
const NONE = -1

function parseQuad(text: string): number | undefined {
  let word = 0
  let dots = 0
  let octet = NONE
  for (let position = 0; position < text.length; position += 1) {
    const code = text.charCodeAt(position)
    if (code === DOT && octet !== NONE) {
      word = word * 256 + octet
      dots += 1
      octet = NONE
    } else {
      octet = withDigit(octet, code)
      if (octet === NONE) return undefined
    }
  }
  return dots === 3 && octet !== NONE ? word * 256 + octet : undefined
}

/** What a further digit makes of an octet. None may follow a zero in front, which means octal to others. */
function withDigit(octet: number, code: number): number {
  if (!isDigit(code) || octet === 0) return NONE
  const longer = (octet === NONE ? 0 : octet * 10) + code - ZERO
  return longer > 255 ? NONE : longer
}

/** The eight 16-bit groups of an IPv6 address. */
function parseGroups(text: string): readonly number[] | undefined {
  const groups = [0, 0, 0, 0, 0, 0, 0, 0]
  let count = 0
  let gap = text.startsWith('::') ? 0 : NONE
  let position = gap === NONE ? 0 : 2
  while (position < text.length) {
    const end = endOfHex(text, position)
    if (end === position || count === 8) return undefined
    groups[count] = readHex(text, position, end)
    count += 1
    const colons = colonsAt(text, end)
    if (colons === NONE || (colons === 2 && gap !== NONE)) return undefined
    if (colons === 2) gap = count
    position = end + colons
  }
  return fillGap(groups, count, gap)
}

/** How many colons part a group from the next one; none at the end, and only two may stand there. */
function colonsAt(text: string, position: number): number {
  if (position === text.length) return 0
  if (text.charCodeAt(position) !== COLON) return NONE
  if (text.charCodeAt(position + 1) === COLON) return 2
  return position + 1 < text.length ? 1 : NONE
}

/** Writes a dotted quad at the end as the two groups that it stands for. */
function withoutQuad(text: string): string | undefined {
  if (!text.includes('.')) return text
  const start = text.lastIndexOf(':') + 1
  const word = parseQuad(text.slice(start))
  if (word === undefined) return undefined
  return `${text.slice(0, start)}${formatGroups([word >>> 16, word & 0xffff])}`
}

/** RFC 4291, 2.2: "::" stands for one or more groups, so eight others leave it no room. */
function fillGap(groups: number[], count: number, gap: number): readonly number[] | undefined {
  if (gap === NONE) return count === 8 ? groups : undefined
  if (count === 8) return undefined
  const distance = 8 - count
  for (let place = count - 1; place >= gap; place -= 1) {
    groups[place + distance] = groups[place] ?? 0
    groups[place] = 0
  }
  return groups
}

/** Where the digits of a group end: four at the most. */
function endOfHex(text: string, start: number): number {
  let end = start
  while (end < start + 4 && hexValue(text.charCodeAt(end)) !== NONE) end += 1
  return end
}

function readHex(text: string, start: number, end: number): number {
  let group = 0
  for (let position = start; position < end; position += 1)
    group = group * 16 + hexValue(text.charCodeAt(position))
  return group
}

function hexValue(code: number): number {
  if (isDigit(code)) return code - ZERO
  // Bit 5 tells a small letter from its capital.
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : NONE
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
