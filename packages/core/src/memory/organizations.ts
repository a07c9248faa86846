import type { Organization, OrganizationFilter, OrganizationStore } from '../plugin.ts'
import { removeOrganization } from './cascade.ts'
import { createRecordStore, nextRevision } from './record-store.ts'
import { isWanted, select } from './select.ts'
import type { Tables } from './tables.ts'

/** Creates the store of organizations. */
export function createOrganizations(tables: Tables): OrganizationStore {
  const { organizations } = tables
  const records = createRecordStore<Organization, readonly [string], OrganizationFilter>(
    {
      table: organizations,
      find: (id) => organizations.get(id),
      admits: () => true,
      revise: nextRevision,
      remove: (row) => removeOrganization(tables, row),
      select: ({ name }) => select(organizations.all(), (row) => isWanted(name, row.name)),
      nameOf: ({ name }) => name,
    },
    tables,
  )
  // A transaction that read what another one changed runs again: nobody needs to wait.
  return { ...records, hold: async () => undefined }
}
