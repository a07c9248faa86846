import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { anyId } from './fields.ts'

/** Which locks to list. */
export interface LockoutList {
  readonly organization: string
  readonly identity?: string | undefined
  readonly method?: string | undefined
}

/** Whose locks to clear. */
export interface LockoutClear extends LockoutList {
  readonly identity: string
}

const fields = { organization: anyId, identity: anyId.optional(), method: anyId.optional() }

export const lockoutList: SchemaOf<LockoutList> = z.strictObject(fields)
export const lockoutClear: SchemaOf<LockoutClear> = z.strictObject({ ...fields, identity: anyId })
