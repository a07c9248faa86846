import type { Stores } from '../plugin.ts'
import { removeProject } from './cascade.ts'
import { keyOf } from './key.ts'
import { createRecordStore, nextRevision } from './record-store.ts'
import { isWanted, select } from './select.ts'
import { groups } from './shapes.ts'
import type { Tables } from './tables.ts'

/** Creates the store of projects. */
export function createProjects(tables: Tables): Stores['projects'] {
  const { projects } = tables
  return createRecordStore(
    {
      table: projects,
      find: (organization, id) => projects.get(keyOf(organization, id)),
      admits: ({ organization }) => tables.organizations.get(organization) !== undefined,
      revise: nextRevision,
      remove: (row) => removeProject(tables, row),
      select: ({ organization, name }) =>
        select(projects.in(groups.organization(organization)), (row) => isWanted(name, row.name)),
      nameOf: ({ name }) => name,
    },
    tables,
  )
}
