import { drawBase62, drawExactly } from './base62.ts'
import type { Random } from './random.ts'

export type { Random } from './random.ts'

/**
 * Makes an id that sorts by its instant: 48 bits of milliseconds, then 80 random bits.
 *
 * Throws a `RangeError` outside the years 1970 to 10889.
 */
export function mintId<K extends string>(kind: K, now: Date, random: Random): `${K}_${string}` {
  return `${kind}_${instantDigits(now.getTime())}${randomDigits(drawExactly(10, random))}`
}

/** Tells whether a text has the form of a minted id of this kind. */
export function isMintedId<K extends string>(kind: K, text: string): text is `${K}_${string}` {
  const start = kind.length + 1
  if (text.length !== start + 26 || !text.startsWith(kind) || text[start - 1] !== '_') return false
  // 26 digits hold 130 bits; the first one carries three of them.
  if (text.charCodeAt(start) > 0x37) return false
  for (let index = start; index < text.length; index += 1)
    if (!CROCKFORD_DIGITS.includes(text.charAt(index))) return false
  return true
}

/** Tells whether a text may serve as an id that a host brings along. */
export function isHostId(text: string): boolean {
  return HOST_ID.test(text) && !text.includes('..')
}

/** Tells whether a text may serve as a slug. */
export function isSlug(text: string): boolean {
  return SLUG.test(text)
}

/** Draws 22 base62 digits: 131 bits, out of reach of guessing and of chance. */
export function mintNonce(random: Random): string {
  return drawBase62(22, random)
}

const HOST_ID = /^[A-Za-z0-9][A-Za-z0-9_.:@~-]{0,127}$/
const SLUG = /^[a-z0-9-]{1,64}$/

/** Without i, l, o and u, which are misread. */
const CROCKFORD_DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'

function instantDigits(milliseconds: number): string {
  if (!(milliseconds >= 0 && milliseconds < 2 ** 48))
    throw new RangeError('The instant does not fit an id')
  let rest = Math.floor(milliseconds)
  let digits = ''
  for (let place = 0; place < 10; place += 1) {
    digits = CROCKFORD_DIGITS.charAt(rest % 32) + digits
    rest = Math.floor(rest / 32)
  }
  return digits
}

function randomDigits(bytes: Uint8Array): string {
  let digits = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      digits += CROCKFORD_DIGITS.charAt((held >> bits) & 31)
    }
  }
  return digits
}
