import type { Identity, PageOf, PagePosition, PageQuery, Stores } from '@countersign/core/plugin'
import type { StorageSaboteur } from './saboteur.ts'
import { tick, withBug } from './saboteur.ts'

async function organizationIds({ organizations }: Stores): Promise<readonly string[]> {
  const { rows } = await organizations.page({ filter: {}, order: 'id', limit: 1000 })
  return rows.map(({ id }) => id)
}

async function findAnywhere(stores: Stores, id: string): Promise<Identity | undefined> {
  for (const organization of await organizationIds(stores)) {
    const row = await stores.identities.find(organization, id)
    if (row !== undefined) return row
  }
  return undefined
}

/** Puts a bug into the store of identities. */
function inIdentities(
  change: (identities: Stores['identities'], stores: Stores) => Partial<Stores['identities']>,
) {
  return withBug((stores) => ({
    identities: { ...stores.identities, ...change(stores.identities, stores) },
  }))
}

export const recordSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'forgets the organization in find',
    caughtBy: 'identities.find MUST answer an id of another organization like an unknown one',
    sabotage: inIdentities((_identities, stores) => ({
      find: (_organization, id) => findAnywhere(stores, id),
    })),
  },
  {
    bug: 'forgets the organization in page',
    caughtBy: 'identities.page MUST NOT show what belongs to another organization',
    sabotage: inIdentities((identities, stores) => ({
      async page(query) {
        const pages = await Promise.all(
          (await organizationIds(stores)).map((organization) =>
            identities.page({ ...query, filter: { ...query.filter, organization } }),
          ),
        )
        return { rows: pages.flatMap(({ rows }) => rows) }
      },
    })),
  },
  {
    bug: 'forgets the organization in remove',
    caughtBy: 'identities.remove MUST answer an id of another organization like an unknown one',
    sabotage: inIdentities((identities, stores) => ({
      async remove([organization, id], events) {
        const row = await findAnywhere(stores, id)
        return identities.remove([row?.organization ?? organization, id], events)
      },
    })),
  },
  {
    bug: 'forgets the organization in replace',
    caughtBy: 'identities.replace MUST answer an id of another organization like an unknown one',
    sabotage: inIdentities((identities, stores) => ({
      async replace(row, events) {
        const organization = (await findAnywhere(stores, row.id))?.organization ?? row.organization
        return identities.replace({ ...row, organization }, events)
      },
    })),
  },
  {
    bug: 'loses events',
    caughtBy:
      'identities.insert MUST write its events together with the record, and none where it answers false',
    sabotage: inIdentities((identities) => ({ insert: (row) => identities.insert(row, []) })),
  },
  {
    bug: 'writes events for nothing',
    caughtBy:
      'identities.replace MUST write its events together with the change, and none where it answers false',
    sabotage: inIdentities((identities, { outbox }) => ({
      async replace(row, events) {
        await outbox.append(events)
        return identities.replace(row, [])
      },
    })),
  },
  {
    bug: 'replaces any revision',
    caughtBy: 'identities.replace MUST change nothing if the stored revision is any other',
    sabotage: inIdentities((identities) => ({
      async replace(row, events) {
        const stored = await identities.find(row.organization, row.id)
        const revision = (stored?.revision ?? 0) + 1
        return identities.replace({ ...row, revision }, events)
      },
    })),
  },
  {
    bug: 'reads the revision, then writes',
    caughtBy:
      'identities.replace MUST answer true to one, however many replace the same revision at once',
    sabotage: inIdentities((identities) => ({
      async replace(row, events) {
        const read = await identities.find(row.organization, row.id)
        if (read?.revision !== row.revision - 1) return false
        await tick()
        await identities.replace(row, events)
        return true
      },
    })),
  },
  {
    bug: 'looks whether the key is free, then inserts',
    caughtBy: 'identities.insert MUST answer true to one, however many insert the same key at once',
    sabotage: inIdentities((identities) => ({
      async insert(row, events) {
        if ((await identities.find(row.organization, row.id)) !== undefined) return false
        await tick()
        await identities.insert(row, events)
        return true
      },
    })),
  },
  {
    bug: 'hands out what it stores',
    caughtBy: 'identities.find MUST NOT let the reader change what is stored',
    sabotage: inIdentities(({ find }) => {
      const stored = new Map<string, Identity | undefined>()
      return {
        async find(organization, id) {
          const row = stored.get(id) ?? (await find(organization, id))
          stored.set(id, row)
          return row
        },
      }
    }),
  },
  {
    bug: 'stores what it was handed',
    caughtBy: 'identities.insert MUST NOT let the caller change what is stored',
    sabotage: inIdentities(({ insert, find }) => {
      const given = new Map<string, Identity>()
      return {
        insert(row, events) {
          given.set(row.id, row)
          return insert(row, events)
        },
        find: async (organization, id) => given.get(id) ?? (await find(organization, id)),
      }
    }),
  },
  {
    bug: 'inserts the child of nobody',
    caughtBy:
      'projects.insert MUST answer false and write no event where what the record belongs to is gone',
    sabotage: withBug(({ organizations, projects }) => ({
      projects: {
        ...projects,
        async insert(row, events) {
          const { organization: id, createdAt, updatedAt } = row
          await organizations.insert({ id, name: '', revision: 1, createdAt, updatedAt }, [])
          return projects.insert(row, events)
        },
      },
    })),
  },
  {
    bug: 'gives a slug to two',
    caughtBy:
      'identities.insert MUST answer false and change nothing where the slug is taken in the organization',
    sabotage: inIdentities((identities) => ({
      async insert({ slug, ...row }, events) {
        if (slug !== undefined && (await identities.insert({ slug, ...row }, events))) return true
        return identities.insert(row, events)
      },
    })),
  },
  {
    bug: 'looks at the name only',
    caughtBy: 'identities.page MUST show what every given member matches',
    sabotage: inIdentities((identities) => ({
      page({ filter: { organization, name }, ...query }) {
        const filter = { organization, ...(name !== undefined && { name }) }
        return identities.page({ ...query, filter })
      },
    })),
  },
  {
    bug: 'shows the last row of a page again',
    caughtBy: 'projects.page MUST show each matching row once, whatever `limit` cuts it into',
    sabotage: inPages((page) => ({
      ...page,
      ...(page.next && { next: { ...page.next, id: page.next.id.slice(0, -1) } }),
    })),
  },
  {
    bug: 'passes over ties',
    caughtBy: 'projects.page MUST show each matching row once, whatever `limit` cuts it into',
    sabotage: inPages((page) => ({
      ...page,
      ...(page.next && { next: { ...page.next, id: '\uffff' } }),
    })),
  },
  {
    bug: 'sorts by UTF-16 code unit',
    caughtBy: 'projects.page MUST show rows in order: names by code point, ties by id',
    sabotage: inPages((page, { order }) => {
      const key = (row: Named): string => `${order === 'name' ? row.name : ''} ${row.id}`
      return {
        ...page,
        rows: [...page.rows].sort((one, other) => (key(one) < key(other) ? -1 : 1)),
      }
    }),
  },
  {
    bug: 'names a next page behind the last one',
    caughtBy:
      'projects.page MUST show at most `limit` rows, and name no next page behind the last one',
    sabotage: inPages((page) => ({ ...page, next: page.next ?? endOf(page.rows) })),
  },
  {
    bug: 'counts what it shows',
    caughtBy:
      'projects.page MUST answer how many rows match in all where `count` asks, and nothing otherwise',
    sabotage: inPages(({ total, ...page }) => ({
      ...page,
      ...(total !== undefined && { total: page.rows.length }),
    })),
  },
  {
    bug: 'counts unasked',
    caughtBy:
      'projects.page MUST answer how many rows match in all where `count` asks, and nothing otherwise',
    sabotage: withBug(({ projects }) => ({
      projects: { ...projects, page: (query) => projects.page({ ...query, count: true }) },
    })),
  },
  {
    bug: 'shows in a project who belongs there, and no visitors',
    caughtBy:
      'identities.page MUST show who belongs to the project alone, or holds something in it',
    sabotage: inIdentities((identities) => ({
      page: ({ filter: { foundIn: project, ...filter }, ...query }) =>
        identities.page({ ...query, filter: { ...filter, ...(project && { project }) } }),
    })),
  },
  {
    bug: 'leaves locks behind',
    caughtBy: 'authMethods.remove MUST take everything away that belongs to the auth method',
    sabotage: withBug(({ authMethods, lockouts, logins }) => ({
      authMethods: {
        ...authMethods,
        async remove(key, events) {
          const [organization, identity, method] = key
          const at = new Date('2026-03-01T12:00:00.000Z')
          const locks = await lockouts.active({ organization, identity, method }, at)
          const removed = await authMethods.remove(key, events)
          const policy = { threshold: 1, window: 30, duration: 300, scope: 'source' } as const
          for (const { counter: _, ...lock } of locks)
            await logins.strike(lock, policy, at, { refused: [], locked: [] })
          return removed
        },
      },
    })),
  },
]

interface Named {
  readonly id: string
  readonly name: string
}

/** Puts a bug into the pages of projects. */
function inPages(
  spoil: <Row extends Named>(page: PageOf<Row>, query: PageQuery<unknown>) => PageOf<Row>,
) {
  return withBug(({ projects }) => ({
    projects: {
      ...projects,
      page: async (query) => spoil(await projects.page(query), query),
    },
  }))
}

function endOf(rows: readonly Named[]): PagePosition {
  const last = rows.at(-1)
  return { value: last?.name ?? '', id: last?.id ?? '' }
}
