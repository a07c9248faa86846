/** Joins texts so that no other list of texts joins to the same: each one follows its own length. */
export function joinWithLengths(texts: readonly string[]): string {
  let joined = ''
  for (const text of texts) joined += `${text.length}:${text}`
  return joined
}
