import type { CompiledPermissions } from './compile-rules.ts'
import type { Exceeding } from './exceeds.ts'
import { exceeds } from './exceeds.ts'

/** What a change of roles means to one holder, with a witness of each where there is one. */
export interface RoleComparison {
  readonly gains?: Exceeding
  readonly loses?: Exceeding
}

/** Compares what somebody holds before and after a change. */
export function compareRoles(
  before: CompiledPermissions,
  after: CompiledPermissions,
  now: Date,
): RoleComparison {
  const gains = exceeds(before, after, now)
  const loses = exceeds(after, before, now)
  return { ...(gains && { gains }), ...(loses && { loses }) }
}
