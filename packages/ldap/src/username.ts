/** The most characters of a user name, before and after it is normalised. */
export const LONGEST_USERNAME = 256

/**
 * Normalises a user name, once for lockout, look-up and attestation: compatibility forms, case, and runs of blanks are
 * folded as directories compare names (RFC 4518). Answers nothing for a name with characters that a directory ignores or
 * that nobody sees: two spellings of it would be one user there and two counters here.
 */
export function canonicalUsername(username: string): string | undefined {
  if (INVISIBLE.test(username)) return undefined
  const folded = username.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
  const name = folded.replace(/\s+/gu, ' ').trim()
  return name === '' || name.length > LONGEST_USERNAME || INVISIBLE.test(name) ? undefined : name
}

/** Controls, formats, unassigned characters, and what RFC 4518 (2.2) maps to nothing. */
const INVISIBLE = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\u2028\u2029\ufffc]/u
