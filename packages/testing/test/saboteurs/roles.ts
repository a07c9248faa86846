import type { Project, Role, RoleFilter, Stores } from '@countersign/core/plugin'
import type { StorageSaboteur } from './saboteur.ts'
import { tick, withBug } from './saboteur.ts'

type Roles = Stores['roles']

/** Puts a bug into the store of roles. */
function inRoles(change: (roles: Roles, stores: Stores) => Partial<Roles>) {
  return withBug((stores) => ({ roles: { ...stores.roles, ...change(stores.roles, stores) } }))
}

/** Puts a bug into the store of projects. */
function inProjects(
  change: (projects: Stores['projects'], stores: Stores) => Partial<Stores['projects']>,
) {
  return withBug((stores) => ({
    projects: { ...stores.projects, ...change(stores.projects, stores) },
  }))
}

async function rolesBy(roles: Roles, filter: RoleFilter): Promise<readonly Role[]> {
  return (await roles.page({ filter, order: 'id', limit: 1000 })).rows
}

/** Gives the slug of one level to two. */
function twice(level: 'organization' | 'project') {
  return inRoles((roles) => ({
    async insert(row, events) {
      if (await roles.insert(row, events)) return true
      if ((row.project === undefined) !== (level === 'organization')) return false
      return roles.insert({ ...row, slug: `${row.slug}-2` }, events)
    },
    async replace(row, events) {
      if (await roles.replace(row, events)) return true
      if ((row.project === undefined) !== (level === 'organization')) return false
      return roles.replace({ ...row, slug: `${row.slug}-2` }, events)
    },
  }))
}

const slugSaboteurs: readonly StorageSaboteur[] = [
  ...(['organization', 'project'] as const).flatMap((level) =>
    (['insert', 'replace'] as const).map((verb) => ({
      bug: `gives a slug of the ${level} to two`,
      caughtBy: `roles.${verb} MUST answer false and change nothing where the slug is taken in the ${level}`,
      sabotage: twice(level),
    })),
  ),
  {
    bug: 'keeps slugs unique in the whole organization',
    caughtBy:
      'roles.insert MUST keep the same slug in an organization, in each of its projects and in another organization',
    sabotage: inRoles((roles) => ({
      async insert(row, events) {
        const { organization, slug } = row
        const taken = await rolesBy(roles, { organization, slug })
        return taken.length === 0 && roles.insert(row, events)
      },
    })),
  },
  {
    bug: 'looks whether the slug is free, then inserts',
    caughtBy: 'roles.insert MUST give a slug to one, however many want it at once',
    sabotage: inRoles((roles) => ({
      async insert(row, events) {
        const { organization, slug } = row
        if ((await rolesBy(roles, { organization, slug })).length > 0) return false
        await tick()
        await roles.insert(row, events)
        return true
      },
    })),
  },
]

const pageSaboteurs: readonly StorageSaboteur[] = [
  ...(['project', 'level', 'slug'] as const).map((member) => ({
    bug: `passes over \`${member}\``,
    caughtBy: 'roles.page MUST show what every given member matches',
    sabotage: inRoles((roles) => ({
      page({ filter, ...query }) {
        const { [member]: _, ...rest } = filter
        return roles.page({ ...query, filter: rest })
      },
    })),
  })),
  {
    bug: 'shows nothing where no organization is named',
    caughtBy:
      'roles.page MUST show what every given member matches, of all organizations where none is named',
    sabotage: inRoles((roles) => ({
      page: (query) =>
        roles.page({ ...query, filter: { organization: 'undefined', ...query.filter } }),
    })),
  },
]

/** Lets a role go where `replace` must not take it. */
function moves(move: string, isSuch: (stored: Role, row: Role) => boolean): StorageSaboteur {
  return {
    bug: `moves a role ${move}`,
    caughtBy: `roles.replace MUST answer false and change nothing where the role would move ${move}`,
    sabotage: inRoles((roles) => ({
      async replace(row, events) {
        const stored = await roles.find(row.organization, row.id)
        if (stored === undefined || !isSuch(stored, row)) return roles.replace(row, events)
        await roles.remove([row.organization, row.id], [])
        return roles.insert(row, events)
      },
    })),
  }
}

const scopeSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'inserts a role for a project that is not there',
    caughtBy: 'roles.insert MUST answer false where its project is gone',
    sabotage: inRoles((roles, { projects }) => ({
      async insert(row, events) {
        if (row.project !== undefined) await projects.insert(projectOf(row, row.project), [])
        return roles.insert(row, events)
      },
    })),
  },
  moves(
    'into a project',
    (stored, row) => stored.project === undefined && row.project !== undefined,
  ),
  moves('out of its project', ({ project }, row) => project !== undefined && !('project' in row)),
  moves('to another project', (stored, row) => 'project' in stored && 'project' in row),
  {
    bug: 'gives the roles of a project that is removed to its organization',
    caughtBy: 'projects.remove MUST take everything away that belongs to the project',
    sabotage: inProjects((projects, { roles }) => ({
      async remove(key, events) {
        const [organization, project] = key
        const orphans = await rolesBy(roles, { organization, project })
        const removed = await projects.remove(key, events)
        for (const { project: _, ...role } of orphans) await roles.insert(role, [])
        return removed
      },
    })),
  },
  {
    bug: 'removes whatever has a project of the same id',
    caughtBy: 'projects.remove MUST leave alone what belongs to other scopes',
    sabotage: inProjects((projects, { roles }) => ({
      async remove(key, events) {
        for (const role of await rolesBy(roles, { project: key[1] }))
          await roles.remove([role.organization, role.id], [])
        return projects.remove(key, events)
      },
    })),
  },
  {
    bug: 'brings the roles of an organization back with it',
    caughtBy: 'organizations.remove MUST take everything away that belongs to the organization',
    sabotage: withBug(({ organizations, roles }) => {
      const orphans: Role[] = []
      return {
        organizations: {
          ...organizations,
          async remove([organization], events) {
            orphans.push(...(await rolesBy(roles, { organization })))
            return organizations.remove([organization], events)
          },
          async insert(row, events) {
            const inserted = await organizations.insert(row, events)
            for (const role of orphans) await roles.insert(role, [])
            return inserted
          },
        },
      }
    }),
  },
  {
    bug: 'leaves the bindings of a role behind',
    caughtBy: 'roles.remove MUST take the bindings of the role away with it',
    sabotage: inRoles((roles, { roleBindings }) => ({
      async remove([organization, id], events) {
        const query = { filter: { organization, role: id }, order: 'id', limit: 1000 } as const
        const { rows } = await roleBindings.page(query)
        const removed = await roles.remove([organization, id], events)
        for (const { role: _, ...row } of rows) await roleBindings.insert(row, [])
        return removed
      },
    })),
  },
  {
    bug: 'removes all bindings with a role',
    caughtBy: 'roles.remove MUST leave alone what binds anything else',
    sabotage: inRoles((roles, { roleBindings }) => ({
      async remove(key, events) {
        const filter = { organization: key[0] }
        const { rows } = await roleBindings.page({ filter, order: 'id', limit: 1000 })
        for (const { organization, id } of rows) await roleBindings.remove([organization, id], [])
        return roles.remove(key, events)
      },
    })),
  },
]

export const roleSaboteurs: readonly StorageSaboteur[] = [
  ...slugSaboteurs,
  ...pageSaboteurs,
  ...scopeSaboteurs,
]

export const projectIdentitySaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'inserts an identity for a project that is not there',
    caughtBy: 'identities.insert MUST answer false where its project is gone',
    sabotage: withBug(({ identities, projects }) => ({
      identities: {
        ...identities,
        async insert(row, events) {
          if (row.project !== undefined) await projects.insert(projectOf(row, row.project), [])
          return identities.insert(row, events)
        },
      },
    })),
  },
  {
    bug: 'passes over the project of identities',
    caughtBy: 'identities.page MUST show what belongs to the project alone',
    sabotage: withBug(({ identities }) => ({
      identities: {
        ...identities,
        page({ filter: { project: _, ...filter }, ...query }) {
          return identities.page({ ...query, filter })
        },
      },
    })),
  },
  {
    bug: 'gives the identities of a project that is removed to its organization',
    caughtBy:
      'projects.remove MUST take the identities of the project away, and every way to log in as them',
    sabotage: inProjects((projects, { identities }) => ({
      async remove(key, events) {
        const [organization, project] = key
        const query = { filter: { organization, project }, order: 'id', limit: 1000 } as const
        for (const { project: _, ...row } of (await identities.page(query)).rows)
          await identities.replace({ ...row, revision: row.revision + 1 }, [])
        return projects.remove(key, events)
      },
    })),
  },
]

function projectOf({ organization, createdAt, updatedAt }: Owned, id: string): Project {
  return { id, organization, name: '', revision: 1, createdAt, updatedAt }
}

type Owned = Pick<Role, 'organization' | 'createdAt' | 'updatedAt'>
