import type { AuthMethod, Identity, Organization, Project, Role } from '../plugin.ts'
import { keyOf } from './key.ts'
import { groups } from './shapes.ts'
import type { Table } from './table.ts'
import type { Tables } from './tables.ts'

// Marks of revocation and events outlive what they are about.

/** Takes away an organization and all that is in it. */
export function removeOrganization(tables: Tables, { id }: Organization): void {
  const group = groups.organization(id)
  tables.organizations.delete(id)
  clear(tables.identities, group)
  clear(tables.authMethods, group)
  clear(tables.authTemplates, group)
  clear(tables.credentials, group)
  clear(tables.roleBindings, group)
  clear(tables.roles, group)
  clear(tables.projects, group)
  clear(tables.useCounts, group)
  clear(tables.counters, group)
  clear(tables.known, group)
  clear(tables.unusedNotes, group)
}

/** Takes away a project, its roles, what is bound there, and the identities that belong to it alone. */
export function removeProject(tables: Tables, { organization, id }: Project): void {
  const group = groups.project(organization, id)
  tables.projects.delete(keyOf(organization, id))
  clear(tables.roleBindings, group)
  clear(tables.roles, group)
  for (const identity of [...tables.identities.in(group)]) removeIdentity(tables, identity)
}

/** Takes away a role, and whatever binds it. */
export function removeRole(tables: Tables, { organization, id }: Role): void {
  tables.roles.delete(keyOf(organization, id))
  clear(tables.roleBindings, groups.role(organization, id))
}

/** Takes away an identity and every way to log in as it. */
export function removeIdentity(tables: Tables, { organization, id }: Identity): void {
  const group = groups.identity(id)
  tables.identities.delete(id)
  clear(tables.authMethods, group)
  clear(tables.credentials, group)
  clear(tables.roleBindings, groups.subject(organization, { kind: 'identity', id }))
  clear(tables.useCounts, group)
  clear(tables.counters, group)
  clear(tables.known, group)
  clear(tables.unusedNotes, group)
}

/** Takes away an auth method, its secrets and what its logins left behind. */
export function removeAuthMethod(tables: Tables, authMethod: AuthMethod): void {
  const { id, organization, identity, method } = authMethod
  tables.authMethods.delete(keyOf(organization, identity, method))
  clear(tables.credentials, groups.authMethod(id))
  clear(tables.useCounts, groups.authMethod(id))
  clear(tables.counters, groups.identity(identity), ({ key }) => key.method === method)
  tables.known.delete(keyOf(organization, identity, method))
}

function clear<Row>(
  table: Table<Row>,
  group: string,
  matches = (_row: Row): boolean => true,
): void {
  for (const row of [...table.in(group)]) if (matches(row)) table.delete(table.shape.keyOf(row))
}
