import type { AuthTemplate, AuthTemplateFilter, Stores } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { equal } from '../page.ts'
import type { Json } from '../records.ts'
import { toAuthTemplate } from '../records.ts'
import * as statements from '../statements/auth-templates.ts'
import { createRecordStore } from './record-store.ts'

/** Creates the store of auth templates. */
export function createAuthTemplates(db: Db): Stores['authTemplates'] {
  return createRecordStore<
    AuthTemplate,
    readonly [string, string],
    Json<AuthTemplate>,
    AuthTemplateFilter
  >(db, {
    find: statements.findAuthTemplate,
    insert: statements.insertAuthTemplate,
    replace: statements.replaceAuthTemplate,
    remove: statements.removeAuthTemplate,
    valuesOf: (row) => [
      row.id,
      row.organization,
      row.name,
      row.method,
      row.revision,
      JSON.stringify(row),
    ],
    table: 'auth_templates',
    answer: 't.record',
    name: 'name',
    toRow: toAuthTemplate,
    nameOf: ({ name }) => name,
    select: ({ organization, name, method }) => equal({ organization, name, method }),
  })
}
