import type { Organization, OrganizationFilter, OrganizationStore } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { equal } from '../page.ts'
import type { Json } from '../records.ts'
import { toOrganization } from '../records.ts'
import * as statements from '../statements/organizations.ts'
import { createRecordStore } from './record-store.ts'

/** Creates the store of organizations; `scope` tells deployments in one database apart. */
export function createOrganizations(db: Db, scope: string): OrganizationStore {
  const records = createRecordStore<
    Organization,
    readonly [string],
    Json<Organization>,
    OrganizationFilter
  >(db, {
    find: statements.findOrganization,
    insert: statements.insertOrganization,
    replace: statements.replaceOrganization,
    remove: statements.removeOrganization,
    valuesOf: (row) => [row.id, row.name, row.revision, JSON.stringify(row)],
    table: 'organizations',
    answer: 't.record',
    name: 'name',
    toRow: toOrganization,
    nameOf: ({ name }) => name,
    select: ({ name }) => equal({ name }),
  })
  return {
    ...records,
    async hold(id) {
      await db.ask(statements.holdOrganization, [`${scope}/organization/${id}`])
    },
  }
}
