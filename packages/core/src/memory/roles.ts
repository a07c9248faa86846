import type { Role, RoleFilter, Stores } from '../plugin.ts'
import { removeRole } from './cascade.ts'
import { keyOf } from './key.ts'
import { createRecordStore, nextRevision } from './record-store.ts'
import { isWanted, select } from './select.ts'
import { groups } from './shapes.ts'
import type { Tables } from './tables.ts'

/** Creates the store of roles that people write. */
export function createRoles(tables: Tables): Stores['roles'] {
  const { roles } = tables
  return createRecordStore(
    {
      table: roles,
      find: (organization, id) => roles.get(keyOf(organization, id)),
      admits: (row) => admits(tables, row),
      revise: (row, stored) =>
        row.project === stored.project ? nextRevision(row, stored) : undefined,
      remove: (row) => removeRole(tables, row),
      select: (filter) => select(candidates(tables, filter), (row) => matches(row, filter)),
      nameOf: ({ name }) => name,
    },
    tables,
  )
}

function admits(tables: Tables, { id, organization, project, slug }: Role): boolean {
  if (tables.organizations.get(organization) === undefined) return false
  if (project !== undefined && tables.projects.get(keyOf(organization, project)) === undefined)
    return false
  for (const row of candidates(tables, { organization, ...(project !== undefined && { project }) }))
    if (row.slug === slug && row.project === project && row.id !== id) return false
  return true
}

function candidates({ roles }: Tables, { organization, project }: RoleFilter): Iterable<Role> {
  if (organization === undefined) return roles.all()
  if (project !== undefined) return roles.in(groups.project(organization, project))
  return roles.in(groups.organization(organization))
}

function matches(row: Role, { organization, project, level, slug }: RoleFilter): boolean {
  return (
    isWanted(organization, row.organization) &&
    isWanted(project, row.project) &&
    isWanted(level, row.project === undefined ? 'organization' : 'project') &&
    isWanted(slug, row.slug)
  )
}
