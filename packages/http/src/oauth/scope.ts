/**
 * What clients of other systems ask for by habit, and what means nothing here: the words of OpenID Connect, and URIs (those
 * of Google's clients). Every other word is a permission, or a mistake to be told.
 */
const HABITS: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'offline_access'])

/** Reads a scope (RFC 6749 section 3.3) as the permissions that a token is to be cut to; nothing where it cuts nothing. */
export function toPermissions(scope: string | undefined): readonly string[] | undefined {
  const words = (scope ?? '')
    .split(' ')
    .filter((word) => word !== '' && !HABITS.has(word) && !word.includes('://'))
  return words.length === 0 ? undefined : words
}

/** Writes what a token may be used for at the most as a scope: `*` is all that its identity may. */
export function toScope(permissions: readonly string[] | undefined): string {
  return (permissions ?? ['*']).join(' ')
}
