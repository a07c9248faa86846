import type { AttributeName, Permission, Resources } from './resources.ts'

/** A value that the principal brings along: of itself, of its metadata, or of its attestation's claims. */
export type ReferencePath =
  | 'identity.id'
  | 'identity.name'
  | 'identity.slug'
  | `identity.metadata.${string}`
  | `identity.claims.${string}`
  | 'user.id'

/** A literal, or a value of the principal, which is inserted as a literal too. */
export type Operand = string | { readonly ref: ReferencePath }

/** What the value of one attribute must be: a text means exactly that text. */
export type Match = string | Operators

/** Ways to say what a value must be; several must all hold. */
export interface Operators {
  readonly in?: readonly Operand[]
  readonly not?: Operand | readonly Operand[]
  readonly glob?: string
  readonly ref?: ReferencePath
}

/** Conditions by attribute, all of which must hold. */
export type Where<Name extends string = string> = { readonly [Attribute in Name]?: Match }

/** Allows or denies permissions, where its conditions hold. Deny always wins, whatever the order. */
export type Rule<R extends Resources = Resources> = {
  readonly where?: Where<AttributeName<R>>
} & (
  | { readonly allow: readonly Permission<R>[]; readonly deny?: never }
  | { readonly deny: readonly Permission<R>[]; readonly allow?: never }
)

/** Tells whether a text names a value of the principal. */
export function isReferencePath(text: unknown): text is ReferencePath {
  return typeof text === 'string' && text.length <= 256 && REFERENCE.test(text)
}

/** Metadata and claims have keys of their own; those that every object inherits are refused. */
const REFERENCE =
  /^(identity\.(id|name|slug|(metadata|claims)\.(?!(__proto__|constructor|prototype)$)[^\p{C}\s]{1,128})|user\.id)$/u

/** Which words of a permission cover it: its own, its resource's wildcard, and the wildcard of all. */
export function wordsFor(resource: string, action: string): readonly string[] {
  return [`${resource}:${action}`, `${resource}:*`, '*']
}
