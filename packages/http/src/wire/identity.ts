import type { DirectoryEntry, Identity } from '@countersign/core'
import * as z from 'zod'
import { stamp } from './words.ts'

const entry = z.strictObject({ id: z.string(), key: z.string(), value: z.string() })

/** An identity as this wire shows it. */
export const identityAnswer: z.ZodType = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    authMethod: z.null(),
    orgId: z.string(),
    projectId: z.string().nullable(),
    hasDeleteProtection: z.boolean(),
    authMethods: z.array(z.string()),
    metadata: z.array(entry),
    createdAt: stamp,
    updatedAt: stamp,
  })
  .meta({ id: 'Identity' })

/** An answer that holds one. */
export const oneIdentity: z.ZodType = z.strictObject({ identity: identityAnswer })

/** Tells what a method is called on this wire; one that is not there keeps its own name. */
export type SlugOf = (method: string) => string

/** Writes an identity; the methods by which it may log in are told where somebody read them. */
export function toIdentityAnswer(identity: Identity, authMethods: readonly string[] = []): object {
  return {
    id: identity.id,
    name: identity.name,
    authMethod: null,
    orgId: identity.organization,
    projectId: identity.project ?? null,
    hasDeleteProtection: identity.deleteProtection,
    authMethods,
    metadata: toMetadataAnswer(identity),
    createdAt: identity.createdAt.toISOString(),
    updatedAt: identity.updatedAt.toISOString(),
  }
}

/** Writes metadata; an entry has no id of its own, and is named by its key. */
export function toMetadataAnswer({ metadata }: Pick<Identity, 'metadata'>): readonly object[] {
  return Object.entries(metadata).map(([key, value]) => ({ id: key, key, value }))
}

/** Reads metadata, where it is said. */
export function fromMetadata(
  metadata: readonly { readonly key: string; readonly value: string }[] | undefined,
): { readonly metadata?: Readonly<Record<string, string>> } {
  if (metadata === undefined) return {}
  return { metadata: Object.fromEntries(metadata.map(({ key, value }) => [key, value])) }
}

/** Tells whether a directory showed an identity as a whole, or its name alone. */
export function isShown(
  entry: DirectoryEntry,
): entry is DirectoryEntry & { readonly identity: Identity } {
  return !entry.restricted
}
