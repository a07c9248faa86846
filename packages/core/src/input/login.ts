import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { anyId } from './fields.ts'

/** Any login, before its method is known. */
export interface AnyLoginRequest {
  readonly method: string
  readonly identity: string
  readonly credential: unknown
}

export const loginRequest: SchemaOf<AnyLoginRequest> = z.strictObject({
  method: anyId,
  identity: anyId,
  credential: z.unknown(),
})
