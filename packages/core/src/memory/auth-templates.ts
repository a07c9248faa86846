import type { AuthTemplate, AuthTemplateFilter, RecordStore, Stores } from '../plugin.ts'
import { keyOf } from './key.ts'
import { createRecordStore, nextRevision } from './record-store.ts'
import { isWanted, select } from './select.ts'
import { groups } from './shapes.ts'
import { oneOf } from './table.ts'
import type { Tables } from './tables.ts'

/** Creates the store of auth templates. */
export function createAuthTemplates(tables: Tables): Stores['authTemplates'] {
  const { authTemplates, authMethods, organizations } = tables
  const records: RecordStore<AuthTemplate, readonly [string, string], AuthTemplateFilter> =
    createRecordStore(
      {
        table: authTemplates,
        find: (organization, id) => authTemplates.get(keyOf(organization, id)),
        admits: ({ organization }) => organizations.get(organization) !== undefined,
        revise: (row, stored) =>
          row.method === stored.method ? nextRevision(row, stored) : undefined,
        remove: ({ organization, id }) => authTemplates.delete(keyOf(organization, id)),
        select: ({ organization, name, method }) =>
          select(
            authTemplates.in(groups.organization(organization)),
            (row) => isWanted(name, row.name) && isWanted(method, row.method),
          ),
        nameOf: ({ name }) => name,
      },
      tables,
    )
  return {
    ...records,
    async remove([organization, id], events) {
      const isNamed = oneOf(authMethods.in(groups.template(organization, id))) !== undefined
      return isNamed ? false : records.remove([organization, id], events)
    },
  }
}
