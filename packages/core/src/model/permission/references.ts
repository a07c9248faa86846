import type { Identity } from '../identity.ts'
import type { CompiledPermissions } from './compile-rules.ts'
import type { References } from './condition.ts'

/** The values of an identity that rules may refer to, whoever logs in as it. */
export function referencesOfIdentity({
  id,
  name,
  slug,
  metadata,
}: Pick<Identity, 'id' | 'name' | 'slug' | 'metadata'>): References {
  const references = new Map([
    ['identity.id', id as string],
    ['identity.name', name],
  ])
  if (slug !== undefined) references.set('identity.slug', slug)
  for (const [key, value] of Object.entries(metadata))
    references.set(`identity.metadata.${key}`, value)
  return references
}

/** The values of a user that rules may refer to. */
export function referencesOfUser(user: string): References {
  return new Map([['user.id', user]])
}

/** The same permissions, read with the claims of one login. */
export function withClaims(
  compiled: CompiledPermissions,
  claims: Readonly<Record<string, string>>,
): CompiledPermissions {
  const references = new Map(compiled.references)
  for (const [key, value] of Object.entries(claims)) references.set(`identity.claims.${key}`, value)
  return { ...compiled, references }
}
