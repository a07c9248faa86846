import type { Role, RoleBinding, RoleBindingStore, Stores } from '@countersign/core/plugin'
import { isRoleId } from '@countersign/core/plugin'
import type { StorageSaboteur } from './saboteur.ts'
import { withBug } from './saboteur.ts'

/** Puts a bug into the store of role bindings. */
export function inBindings(
  change: (bindings: RoleBindingStore, stores: Stores) => Partial<RoleBindingStore>,
): StorageSaboteur['sabotage'] {
  return withBug((stores) => ({
    roleBindings: { ...stores.roleBindings, ...change(stores.roleBindings, stores) },
  }))
}

/** Binds a stored role where it must not: by its slug, as if it were one in code. */
function binds(which: string, isSuch: (row: RoleBinding, role?: Role) => boolean) {
  return {
    bug: `binds a role that is ${which}`,
    caughtBy: `roleBindings.insert MUST answer false where the stored role it names is ${which}`,
    sabotage: inBindings((bindings, { roles }) => ({
      async insert(row, events) {
        if (await bindings.insert(row, events)) return true
        if (row.role === undefined || !isRoleId(row.role)) return false
        const { rows } = await roles.page({ filter: {}, order: 'id', limit: 1000 })
        const role = rows.find(({ id }) => id === row.role)
        if (!isSuch(row, role)) return false
        return bindings.insert({ ...row, role: role?.slug ?? 'gone' }, events)
      },
    })),
  }
}

const scopeSaboteurs: readonly StorageSaboteur[] = [
  binds('gone', (_row, role) => role === undefined),
  binds(
    'one of the organization, in a project',
    (row, role) => role?.organization === row.organization && role.project === undefined,
  ),
  binds('one of a project, in the organization', ({ project }) => project === undefined),
  binds('one of another project', (row, role) => role?.organization === row.organization),
  binds('one of another organization', (row, role) => role?.organization !== row.organization),
  binds(
    'one of a project with the same id in another organization',
    (row, role) => role?.project === row.project,
  ),
  {
    bug: 'knows stored roles only',
    caughtBy:
      'roleBindings.insert MUST bind a stored role in its own scope, and a role in code in any',
    sabotage: inBindings((bindings, { roles }) => ({
      async insert(row, events) {
        const { organization, role = '' } = row
        if ((await roles.find(organization, role)) === undefined) return false
        return bindings.insert(row, events)
      },
    })),
  },
]

const ANSWERED =
  'roleBindings.find MUST answer what insert was given, be it a role or rules, and every window'

const memberSaboteurs: readonly StorageSaboteur[] = [
  ...(['rules', 'from', 'until'] as const).map((member) => ({
    bug: `forgets \`${member}\``,
    caughtBy: ANSWERED,
    sabotage: inBindings((bindings) => ({
      insert({ [member]: _, ...row }, events) {
        return bindings.insert(row, events)
      },
    })),
  })),
  {
    bug: 'cuts the end of a window to the second',
    caughtBy: ANSWERED,
    sabotage: inBindings((bindings) => ({
      insert({ until, ...row }, events) {
        const cut = until && new Date(Math.floor(until.getTime() / 1000) * 1000)
        return bindings.insert({ ...row, ...(cut && { until: cut }) }, events)
      },
    })),
  },
  {
    bug: 'takes no rules for no binding of rules',
    caughtBy: ANSWERED,
    sabotage: inBindings((bindings) => ({
      insert({ rules, ...row }, events) {
        return bindings.insert({ ...row, ...(rules?.length && { rules }) }, events)
      },
    })),
  },
  {
    bug: 'stores the rules that it was handed',
    caughtBy: 'roleBindings.insert MUST NOT let the caller change rules or windows that are stored',
    sabotage: inBindings(({ insert, find }) => {
      const given = new Map<string, RoleBinding>()
      return {
        insert(row, events) {
          given.set(row.id, row)
          return insert(row, events)
        },
        async find(organization, id) {
          const row = await find(organization, id)
          const rules = given.get(id)?.rules
          return row && { ...row, ...(rules && { rules }) }
        },
      }
    }),
  },
  {
    bug: 'hands out the window that it stores',
    caughtBy: 'roleBindings.find MUST NOT let the reader change rules or windows that are stored',
    sabotage: inBindings(({ find }) => {
      const stored = new Map<string, Date>()
      return {
        async find(organization, id) {
          const row = await find(organization, id)
          const until = stored.get(id) ?? row?.until
          if (until !== undefined) stored.set(id, until)
          return row && { ...row, ...(until && { until }) }
        },
      }
    }),
  },
]

const pageSaboteurs: readonly StorageSaboteur[] = [
  ...(['project', 'level', 'subject', 'role', 'direct'] as const).map((member) => ({
    bug: `passes over \`${member}\``,
    caughtBy: 'roleBindings.page MUST show what every given member matches',
    sabotage: inBindings((bindings) => ({
      page({ filter, ...query }) {
        const { [member]: _, ...rest } = filter
        return bindings.page({ ...query, filter: rest })
      },
    })),
  })),
  {
    bug: 'shows nothing where no organization is named',
    caughtBy:
      'roleBindings.page MUST show what every given member matches, of all organizations where none is named',
    sabotage: inBindings((bindings) => ({
      page: (query) =>
        bindings.page({ ...query, filter: { organization: 'undefined', ...query.filter } }),
    })),
  },
]

export const roleBindingSaboteurs: readonly StorageSaboteur[] = [
  ...scopeSaboteurs,
  ...memberSaboteurs,
  ...pageSaboteurs,
]
