import type { Organization } from '../model/organization.ts'
import type { OrganizationFilter } from './filters.ts'
import type { RecordStore } from './record-store.ts'

/**
 * Keeps organizations, as every record is kept, and lets the changes of one of them wait for each other.
 *
 * 1. Of the transactions that `hold` the same organization, each MUST read what the ones before it committed, as if they
 *    had run one after the other. Logins and requests never wait for it.
 */
export interface OrganizationStore
  extends RecordStore<Organization, readonly [id: string], OrganizationFilter> {
  /** Waits until no other transaction holds the organization, and holds it until this one ends. */
  hold(id: string): Promise<void>
}
