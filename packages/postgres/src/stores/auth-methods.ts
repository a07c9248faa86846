import type { AuthMethod, AuthMethodFilter, Stores } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { equal } from '../page.ts'
import type { Json } from '../records.ts'
import { toAuthMethod } from '../records.ts'
import * as statements from '../statements/auth-methods.ts'
import { createRecordStore } from './record-store.ts'

/** Creates the store of auth methods. */
export function createAuthMethods(db: Db): Stores['authMethods'] {
  return createRecordStore<
    AuthMethod,
    readonly [string, string, string],
    Json<AuthMethod>,
    AuthMethodFilter
  >(db, {
    find: statements.findAuthMethod,
    insert: statements.insertAuthMethod,
    replace: statements.replaceAuthMethod,
    remove: statements.removeAuthMethod,
    valuesOf: (row) => [
      row.id,
      row.organization,
      row.identity,
      row.method,
      row.revision,
      JSON.stringify(row),
      row.template,
    ],
    table: 'auth_methods',
    answer: 't.record',
    name: 'method',
    toRow: toAuthMethod,
    nameOf: ({ method }) => method,
    select: ({ organization, identity, template }) => equal({ organization, identity, template }),
  })
}
