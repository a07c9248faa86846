import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import type { AuthMethodKey } from './auth-method.ts'
import { anyId } from './fields.ts'

/** A login that an administrator tries out. */
export interface RehearsalInput extends AuthMethodKey {
  readonly credential: unknown
  /** Where it would come from; without an address, a method with an address list refuses. */
  readonly source?: { readonly address?: string | undefined } | undefined
}

export const rehearsalInput: SchemaOf<RehearsalInput> = z.strictObject({
  organization: anyId,
  identity: anyId,
  method: anyId,
  credential: z.unknown(),
  source: z.strictObject({ address: z.string('must be a string').max(64).optional() }).optional(),
})
