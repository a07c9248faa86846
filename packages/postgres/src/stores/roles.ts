import type { Role, RoleFilter, Stores } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import type { Wanted } from '../page.ts'
import { equal } from '../page.ts'
import type { Json } from '../records.ts'
import { toRole } from '../records.ts'
import * as statements from '../statements/roles.ts'
import { createRecordStore } from './record-store.ts'

/** Creates the store of roles that people write. */
export function createRoles(db: Db): Stores['roles'] {
  return createRecordStore<Role, readonly [string, string], Json<Role>, RoleFilter>(db, {
    find: statements.findRole,
    insert: statements.insertRole,
    replace: statements.replaceRole,
    remove: statements.removeRole,
    valuesOf: (row) => [
      row.organization,
      row.id,
      row.project,
      row.slug,
      row.name,
      row.revision,
      JSON.stringify(row),
    ],
    table: 'roles',
    answer: 't.record',
    name: 'name',
    toRow: toRole,
    nameOf: ({ name }) => name,
    select: ({ organization, project, level, slug }) => [
      ...equal({ organization, project, slug }),
      ...atLevel(level),
    ],
  })
}

/** Rows of the organization itself, or of any project. */
export function atLevel(level: RoleFilter['level']): readonly Wanted[] {
  return level === undefined ? [] : [['(t.project IS NULL) = ?', level === 'organization']]
}
