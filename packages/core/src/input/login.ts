import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { STATIC_TOKEN_METHOD } from '../model/static-token.ts'
import { anyId } from './fields.ts'

/** Any login, before its method is known. */
export interface AnyLoginRequest {
  readonly method: string
  /** Left out only where the credential names its identity. */
  readonly identity?: string | undefined
  readonly credential: unknown
}

export const loginRequest: SchemaOf<AnyLoginRequest> = z
  .strictObject({ method: anyId, identity: anyId.optional(), credential: z.unknown() })
  .refine(({ method, identity }) => identity !== undefined || method === STATIC_TOKEN_METHOD, {
    path: ['identity'],
    message: 'is required',
  })
