import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { anyId, between } from './fields.ts'

/** How a signing key is rotated. */
export interface SigningKeyRotation {
  /** Seconds until the new key signs; by default as long as other services may keep our JWKS, and 0 in a hurry. */
  readonly lead?: number | undefined
}

/** Names a signing key that must not be believed any more. */
export interface RevokedSigningKey {
  readonly kid: string
}

/** A question without conditions. */
export type NoConditions = Readonly<Record<never, never>>

export const noConditions: SchemaOf<NoConditions> = z.strictObject({})
export const signingKeyRotation: SchemaOf<SigningKeyRotation> = z.strictObject({
  lead: between(0, 604_800).optional(),
})
export const revokedSigningKey: SchemaOf<RevokedSigningKey> = z.strictObject({ kid: anyId })
