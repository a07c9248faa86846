import type { Random } from './random.ts'

/** The digits of base62, in the order of their values. */
export const BASE62_DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * Draws so many base62 digits, each equally likely.
 *
 * Throws where the source keeps answering what must be rejected, or the wrong number of bytes.
 */
export function drawBase62(length: number, random: Random): string {
  let digits = ''
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const missing = length - digits.length
    if (missing === 0) return digits
    digits += digitsOf(drawExactly(missing + (missing >> 3) + 2, random), missing)
  }
  throw new Error('The source of randomness is broken')
}

/** Writes a 32-bit number as six base62 digits, the highest first. */
export function toBase62Word(word: number): string {
  let rest = word >>> 0
  let digits = ''
  for (let place = 0; place < 6; place += 1) {
    digits = BASE62_DIGITS.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

/** Tells whether a UTF-16 code unit is a base62 digit. */
export function isBase62Code(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39)
  )
}

/** Draws so many bytes; throws where the source answers another number. */
export function drawExactly(size: number, random: Random): Uint8Array {
  const bytes = random(size)
  if (bytes.length !== size) throw new Error('The source of randomness is broken')
  return bytes
}

const MAX_ROUNDS = 64

/** 248 is the largest multiple of 62 in a byte: what lies above would favour the first digits. */
const UNBIASED_BYTES = 248

function digitsOf(bytes: Uint8Array, limit: number): string {
  let digits = ''
  for (const byte of bytes) {
    if (digits.length === limit) break
    if (byte < UNBIASED_BYTES) digits += BASE62_DIGITS.charAt(byte % 62)
  }
  return digits
}
