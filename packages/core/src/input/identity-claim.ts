import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { anyId } from './fields.ts'
import type { UserClaim } from './user-claim.ts'

/** That a request comes from this identity, on the host's word: by a key that the host has checked itself. */
export interface IdentityClaim {
  readonly identity: string
  readonly organization: string
}

/** Whom a host vouches for: a person of its own, or a workload that it recognised. */
export type HostClaim = UserClaim | IdentityClaim

/** Tells a claim about a workload from one about a person, before either is parsed. */
export function isIdentityClaim(claim: unknown): boolean {
  return typeof claim === 'object' && claim !== null && Object.hasOwn(claim, 'identity')
}

export const identityClaim: SchemaOf<IdentityClaim> = z.strictObject({
  identity: anyId,
  organization: anyId,
})
