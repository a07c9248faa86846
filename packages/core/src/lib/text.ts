/**
 * Answers a name for display in its normal form (NFC), or `undefined` where it must be refused.
 *
 * 1 to 256 characters, no blank at either end, nothing that is invisible, controls the terminal or turns the
 * direction of writing: a name must not pass for another one.
 */
export function toDisplayName(text: string): string | undefined {
  if (text.length > MAX_LENGTH * 4 || UNSHOWABLE.test(text)) return undefined
  const name = text.normalize('NFC')
  if (EDGE_BLANK.test(name)) return undefined
  const length = [...name].length
  return length >= 1 && length <= MAX_LENGTH ? name : undefined
}

/**
 * A text in a form that no log, terminal or database stumbles over: what is invisible, controls the terminal, breaks lines
 * or is half a character becomes U+FFFD.
 */
export function toPlainText(text: string): string {
  return PRINTABLE_ASCII.test(text) ? text : text.replace(UNSHOWABLES, '\ufffd')
}

/** What is kept of a text that a stranger sent: 256 characters in plain form, with a mark where it was cut. */
export function toNote(text: string): string {
  const cut = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}\u2026` : text
  return toPlainText(cut)
}

/** Tells whether a text has no half of a character in it: that has no form in UTF-8, and none in canonical JSON. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text)
}

const LONE_SURROGATE = /\p{Cs}/u

const MAX_LENGTH = 256

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

/**
 * Controls, format characters (zero-width, bidirectional, tags), lone surrogates, private use, line and paragraph
 * separators, noncharacters, and the fillers that are letters by category yet show nothing.
 */
const UNSHOWABLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]|\u034F|[\u115F\u1160\u2800\u3164\uFFA0]|\u17B4|\u17B5/u

const UNSHOWABLES = new RegExp(UNSHOWABLE, 'gu')

const EDGE_BLANK = /^\p{White_Space}|\p{White_Space}$/u

/** Tells whether a text names a service as an absolute URI without a fragment (RFC 8707 section 2), in visible ASCII. */
export function isAudience(text: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text) && URL.canParse(text) && !text.includes('#')
}
