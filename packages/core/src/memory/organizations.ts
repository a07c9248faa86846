import type { Stores } from '../plugin.ts'
import { removeOrganization } from './cascade.ts'
import { createRecordStore, nextRevision } from './record-store.ts'
import { isWanted, select } from './select.ts'
import type { Tables } from './tables.ts'

/** Creates the store of organizations. */
export function createOrganizations(tables: Tables): Stores['organizations'] {
  const { organizations } = tables
  return createRecordStore(
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
}
