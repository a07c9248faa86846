import type { RoleBinding, RoleBindingFilter, RoleBindingStore } from '../plugin.ts'
import { isRoleId } from '../plugin.ts'
import { copyOf } from './copy.ts'
import { holdingOf } from './holdings.ts'
import { identityIn } from './identities.ts'
import { keyOf } from './key.ts'
import { createRecordStore } from './record-store.ts'
import { isWanted, select } from './select.ts'
import { groups } from './shapes.ts'
import type { Tables } from './tables.ts'

/** Creates the store of role bindings. */
export function createRoleBindings(tables: Tables): RoleBindingStore {
  const { roleBindings } = tables
  const records = createRecordStore<RoleBinding, readonly [string, string], RoleBindingFilter>(
    {
      table: roleBindings,
      find: (organization, id) => roleBindings.get(keyOf(organization, id)),
      admits: (row) => admits(tables, row),
      // A binding has no revision: it is created and deleted.
      revise: () => undefined,
      remove: ({ organization, id }) => roleBindings.delete(keyOf(organization, id)),
      select: (filter) => select(candidates(tables, filter), (row) => matches(row, filter)),
      nameOf: ({ role }) => role ?? '',
    },
    tables,
  )
  return {
    ...records,
    heldBy: async (organization, subjects) =>
      copyOf(subjects.map((subject) => holdingOf(tables, organization, subject))),
  }
}

function admits(tables: Tables, { organization, project, subject, role }: RoleBinding): boolean {
  if (tables.organizations.get(organization) === undefined) return false
  if (project !== undefined && tables.projects.get(keyOf(organization, project)) === undefined)
    return false
  if (role !== undefined && isRoleId(role)) {
    const named = tables.roles.get(keyOf(organization, role))
    if (named === undefined || named.project !== project) return false
  }
  return subject.kind === 'user' || identityIn(tables, organization, subject.id) !== undefined
}

function candidates(
  { roleBindings }: Tables,
  { organization, project, subject, role }: RoleBindingFilter,
): Iterable<RoleBinding> {
  if (organization === undefined) return roleBindings.all()
  if (subject !== undefined) return roleBindings.in(groups.subject(organization, subject))
  if (project !== undefined) return roleBindings.in(groups.project(organization, project))
  if (role !== undefined) return roleBindings.in(groups.role(organization, role))
  return roleBindings.in(groups.organization(organization))
}

function matches(row: RoleBinding, filter: RoleBindingFilter): boolean {
  const { organization, project, level, subject, role, direct, inCodeBeside } = filter
  return (
    isWanted(organization, row.organization) &&
    isWanted(project, row.project) &&
    isWanted(level, row.project === undefined ? 'organization' : 'project') &&
    isWanted(subject?.kind, row.subject.kind) &&
    isWanted(subject?.id, row.subject.id) &&
    isWanted(role, row.role) &&
    isWanted(direct, row.rules === undefined ? undefined : true) &&
    (inCodeBeside === undefined || isInCodeBeside(row, inCodeBeside))
  )
}

function isInCodeBeside({ role }: RoleBinding, slugs: readonly string[]): boolean {
  return role !== undefined && !isRoleId(role) && !slugs.includes(role)
}
