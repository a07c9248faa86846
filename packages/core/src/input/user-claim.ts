import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { anyId } from './fields.ts'

/** Who a host's user is, on the host's word. */
export interface UserClaim {
  readonly user: string
  readonly organization: string
}

export const userClaim: SchemaOf<UserClaim> = z.strictObject({ user: anyId, organization: anyId })
