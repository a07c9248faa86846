/**
 * Postgres has no text with U+0000 in it, and records do. So U+0000 and U+0001 are written as two characters each; no two
 * texts are written alike, and their order by code point stays.
 */
export function toStoredText(text: string): string {
  return HIDDEN.test(text) ? text.replace(EACH_HIDDEN, (found) => CODES[found] ?? found) : text
}

/** Reads a text back that `toStoredText` wrote. */
export function fromStoredText(stored: string): string {
  return stored.replace(EACH_CODE, (_, code: string) => (code === '\u0001' ? '\u0000' : '\u0001'))
}

const CODES: Readonly<Record<string, string>> = {
  '\u0000': '\u0001\u0001',
  '\u0001': '\u0001\u0002',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these two are what it is about
const HIDDEN = /[\u0000\u0001]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these two are what it is about
const EACH_HIDDEN = /[\u0000\u0001]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: these two are what it is about
const EACH_CODE = /\u0001([\u0001\u0002])/g
