import type { RoleBinding, RoleBindingFilter, Stores } from '../plugin.ts'
import { identityIn } from './identities.ts'
import { keyOf } from './key.ts'
import { createRecordStore } from './record-store.ts'
import { isWanted, select } from './select.ts'
import { groups } from './shapes.ts'
import type { Tables } from './tables.ts'

/** Creates the store of role bindings. */
export function createRoleBindings(tables: Tables): Stores['roleBindings'] {
  const { roleBindings } = tables
  return createRecordStore(
    {
      table: roleBindings,
      find: (organization, id) => roleBindings.get(keyOf(organization, id)),
      admits: (row) => admits(tables, row),
      // A binding has no revision: it is created and deleted.
      revise: () => undefined,
      remove: ({ organization, id }) => roleBindings.delete(keyOf(organization, id)),
      select: (filter) =>
        select(candidates(tables, filter), (row) => isWanted(filter.project, row.project)),
      nameOf: ({ role }) => role,
    },
    tables,
  )
}

function admits(tables: Tables, { organization, project, subject }: RoleBinding): boolean {
  if (tables.organizations.get(organization) === undefined) return false
  if (project !== undefined && tables.projects.get(keyOf(organization, project)) === undefined)
    return false
  return subject.kind === 'user' || identityIn(tables, organization, subject.id) !== undefined
}

function candidates(tables: Tables, filter: RoleBindingFilter): Iterable<RoleBinding> {
  const { organization, project, subject } = filter
  if (subject !== undefined) return tables.roleBindings.in(groups.subject(organization, subject))
  if (project !== undefined) return tables.roleBindings.in(groups.project(organization, project))
  return tables.roleBindings.in(groups.organization(organization))
}
