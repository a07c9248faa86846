import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import type { Resources } from '../model/resources.ts'
import type { BuiltInRole } from '../model/role-binding.ts'
import type { Rule } from '../model/rule.ts'
import { anyId } from './fields.ts'
import type { BoundInput } from './role-binding.ts'
import { boundFields, NAMES_ONE, namesOne } from './role-binding.ts'

/** A role in code, or rules, that the host says a user holds. */
export type VouchedBinding = BoundInput & {
  /** Absent where it is held in the organization, and reaches all of its projects. */
  readonly project?: string | undefined
  readonly from?: Date | undefined
  readonly until?: Date | undefined
}

/** Who a host's user is, and what it holds, on the host's word. */
export interface UserClaim {
  readonly user: string
  readonly organization: string
  /** What the user holds: nothing where it is left out; `'stored'` asks for the role bindings of this user. */
  readonly bindings?: readonly VouchedBinding[] | 'stored' | undefined
}

/** A user whose role bindings are stored. */
export interface StoredUserClaim extends UserClaim {
  readonly bindings: 'stored'
}

/** The same in the words of one engine. */
export interface TypedUserClaim<R extends Resources, Slug extends string> extends UserClaim {
  readonly bindings?:
    | readonly (VouchedBinding &
        ({ readonly role: BuiltInRole | Slug } | { readonly rules: readonly Rule<R>[] }))[]
    | undefined
}

const vouched = z
  .strictObject({
    role: boundFields.role,
    rules: boundFields.rules,
    from: boundFields.from,
    until: boundFields.until,
    project: anyId.optional(),
  })
  .refine(namesOne, NAMES_ONE)

export const userClaim: SchemaOf<UserClaim> = z.strictObject({
  user: anyId,
  organization: anyId,
  bindings: z
    .union(
      [z.literal('stored'), z.array(vouched).max(100, 'must be at most 100')],
      "must be a list of bindings, or 'stored'",
    )
    .optional(),
}) as unknown as SchemaOf<UserClaim>
