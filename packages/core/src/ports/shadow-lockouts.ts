import type {
  LockoutCounter,
  LockoutKey,
  LockoutKeys,
  LockoutPolicy,
  Struck,
} from '../model/lockout.ts'

/**
 * Counters for attempts that must leave no trace in the authority: at unknown ids, and from addresses outside an
 * allow-list. They lock as real ones do, so that no answer tells the two apart.
 *
 * 1. `strike` MUST apply the lockout transitions, those of the total as well.
 * 2. The memory that counters take MUST be bounded, whatever is tried.
 */
export interface ShadowLockouts {
  find(key: LockoutKey): LockoutCounter | undefined
  strike(key: LockoutKeys, policy: LockoutPolicy, now: Date): Struck
}
