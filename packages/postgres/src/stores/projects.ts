import type { Project, ProjectFilter, Stores } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { equal } from '../page.ts'
import type { Json } from '../records.ts'
import { toProject } from '../records.ts'
import * as statements from '../statements/projects.ts'
import { createRecordStore } from './record-store.ts'

/** Creates the store of projects. */
export function createProjects(db: Db): Stores['projects'] {
  return createRecordStore<Project, readonly [string, string], Json<Project>, ProjectFilter>(db, {
    find: statements.findProject,
    insert: statements.insertProject,
    replace: statements.replaceProject,
    remove: statements.removeProject,
    valuesOf: (row) => [row.organization, row.id, row.name, row.revision, JSON.stringify(row)],
    table: 'projects',
    answer: 't.record',
    name: 'name',
    toRow: toProject,
    nameOf: ({ name }) => name,
    select: ({ organization, name }) => equal({ organization, name }),
  })
}
