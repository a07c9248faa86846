import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'

/** What a checkpoint states, as the claims of its JWS. */
export interface CheckpointClaims {
  readonly iss: string
  readonly iat: number
  /** The organization; absent for the chain of the events that belong to none. */
  readonly org?: string | undefined
  readonly index: number
  readonly hash: string
  readonly anchor: { readonly index: number; readonly hash: string }
}

const index = z.int().min(0)
const hash = z.string().length(43)

export const checkpointClaims: SchemaOf<CheckpointClaims> = z.object({
  iss: z.string(),
  iat: z.int().min(0),
  org: z.string().optional(),
  index,
  hash,
  anchor: z.object({ index, hash }),
})
