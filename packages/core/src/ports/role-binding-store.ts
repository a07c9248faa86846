import type { Holding } from '../model/role.ts'
import type { RoleBinding, Subject } from '../model/role-binding.ts'
import type { RoleBindingFilter } from './filters.ts'
import type { RecordStore } from './record-store.ts'

/**
 * Keeps role bindings, as every record is kept, and answers what somebody holds.
 *
 * 1. `insert` MUST answer false where the stored role it names is gone, or is one of another scope.
 * 2. `heldBy` MUST answer one holding for each subject, in the same order, with the stored roles as they stand.
 * 3. `heldBy` MUST answer nothing of another organization, nor of a user who has the id of an identity.
 */
export interface RoleBindingStore
  extends RecordStore<RoleBinding, readonly [organization: string, id: string], RoleBindingFilter> {
  heldBy(organization: string, subjects: readonly Subject[]): Promise<readonly Holding[]>
}
