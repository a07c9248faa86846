import type {
  AuthMethod,
  AuthMethodFilter,
  AuthTemplate,
  AuthTemplateFilter,
  Identity,
  IdentityFilter,
  Organization,
  OrganizationFilter,
  Project,
  ProjectFilter,
  RecordStore,
  Role,
  RoleBinding,
  RoleBindingFilter,
  RoleFilter,
  Stores,
} from '@countersign/core/plugin'
import { seedIdentity, seedOrganization, seedProject } from './seed.ts'
import type { World } from './world.ts'

/** Makes a record that is not stored yet and whose owners are. */
export type MakeRow<Row> = (name: string) => Row

/** What the cases that all record stores share must know about one kind of record. */
export interface RecordKind<Row, Key extends readonly string[], Filter> {
  readonly name: keyof Stores
  /** The orders in which a page may be asked for. */
  readonly orders: readonly ('id' | 'name')[]
  storeOf(stores: Stores): RecordStore<Row, Key, Filter>
  /** Stores what records of this kind belong to. */
  prepare(world: World): Promise<MakeRow<Row>>
  /** Selects this record and all beside it. */
  filterOf(row: Row): Filter
  keyOf(row: Row): Key
  nameOf(row: Row): string
  /** The next revision, with something changed; the row itself where the kind has no revisions. */
  revise(row: Row): Row
  /** The same record in another organization; the row itself where the kind belongs to none. */
  move(row: Row, organization: string): Row
}

export const organizationKind: RecordKind<Organization, readonly [string], OrganizationFilter> = {
  name: 'organizations',
  orders: ['id', 'name'],
  storeOf: (stores) => stores.organizations,
  prepare:
    async ({ records }) =>
    (name) =>
      records.organization({ name }),
  filterOf: () => ({}),
  keyOf: ({ id }) => [id],
  nameOf: ({ name }) => name,
  revise: (row) => ({ ...row, name: `${row.name}, renamed`, revision: row.revision + 1 }),
  move: (row) => row,
}

export const projectKind: RecordKind<Project, readonly [string, string], ProjectFilter> = {
  name: 'projects',
  orders: ['id', 'name'],
  storeOf: (stores) => stores.projects,
  async prepare(world) {
    const { id: organization } = await seedOrganization(world)
    return (name) => world.records.project({ organization, name })
  },
  filterOf: ({ organization }) => ({ organization }),
  keyOf: ({ organization, id }) => [organization, id],
  nameOf: ({ name }) => name,
  revise: (row) => ({ ...row, name: `${row.name}, renamed`, revision: row.revision + 1 }),
  move: (row, organization) => ({ ...row, organization }),
}

export const identityKind: RecordKind<Identity, readonly [string, string], IdentityFilter> = {
  name: 'identities',
  orders: ['id', 'name'],
  storeOf: (stores) => stores.identities,
  async prepare(world) {
    const { id: organization } = await seedOrganization(world)
    return (name) => world.records.identity({ organization, name })
  },
  filterOf: ({ organization }) => ({ organization }),
  keyOf: ({ organization, id }) => [organization, id],
  nameOf: ({ name }) => name,
  revise: (row) => ({ ...row, name: `${row.name}, renamed`, revision: row.revision + 1 }),
  move: (row, organization) => ({ ...row, organization }),
}

export const authMethodKind: RecordKind<
  AuthMethod,
  readonly [string, string, string],
  AuthMethodFilter
> = {
  name: 'authMethods',
  orders: ['id', 'name'],
  storeOf: (stores) => stores.authMethods,
  async prepare(world) {
    const { organization, id: identity } = await seedIdentity(world)
    // An identity has each method once, so no two have the same name.
    return (name) => {
      const id = world.records.id('amt')
      return world.records.authMethod({ id, organization, identity, method: `${name}-${id}` })
    }
  },
  filterOf: ({ organization, identity }) => ({ organization, identity }),
  keyOf: ({ organization, identity, method }) => [organization, identity, method],
  nameOf: ({ method }) => method,
  revise: (row) => ({ ...row, policy: { revised: true }, revision: row.revision + 1 }),
  move: (row, organization) => ({ ...row, organization }),
}

export const authTemplateKind: RecordKind<
  AuthTemplate,
  readonly [string, string],
  AuthTemplateFilter
> = {
  name: 'authTemplates',
  orders: ['id', 'name'],
  storeOf: (stores) => stores.authTemplates,
  async prepare(world) {
    const { id: organization } = await seedOrganization(world)
    return (name) => world.records.authTemplate({ organization, name })
  },
  filterOf: ({ organization }) => ({ organization }),
  keyOf: ({ organization, id }) => [organization, id],
  nameOf: ({ name }) => name,
  revise: (row) => ({ ...row, policy: { revised: true }, revision: row.revision + 1 }),
  move: (row, organization) => ({ ...row, organization }),
}

export const roleKind: RecordKind<Role, readonly [string, string], RoleFilter> = {
  name: 'roles',
  orders: ['id', 'name'],
  storeOf: (stores) => stores.roles,
  async prepare(world) {
    const { id: organization } = await seedOrganization(world)
    return (name) => world.records.role({ organization, name })
  },
  filterOf: ({ organization }) => ({ organization }),
  keyOf: ({ organization, id }) => [organization, id],
  nameOf: ({ name }) => name,
  revise: (row) => ({ ...row, rules: [{ deny: ['*'] }], revision: row.revision + 1 }),
  move: (row, organization) => ({ ...row, organization }),
}

export const bindingKind: RecordKind<RoleBinding, readonly [string, string], RoleBindingFilter> = {
  name: 'roleBindings',
  orders: ['id'],
  storeOf: (stores) => stores.roleBindings,
  async prepare(world) {
    const { organization, id: project } = await seedProject(world)
    const { id } = await seedIdentity(world, { organization })
    return (role) =>
      world.records.binding({ organization, project, role, subject: { kind: 'identity', id } })
  },
  filterOf: ({ organization }) => ({ organization }),
  keyOf: ({ organization, id }) => [organization, id],
  nameOf: ({ role = '' }) => role,
  revise: (row) => row,
  move: (row, organization) => ({ ...row, organization }),
}
