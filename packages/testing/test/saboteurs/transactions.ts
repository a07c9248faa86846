import type { RoleBinding, Storage, Stores } from '@countersign/core/plugin'
import type { StorageSaboteur } from './saboteur.ts'
import { tick, withBug } from './saboteur.ts'

/** How a storage may get waiting wrong. */
interface Locks {
  /** Does not know that a transaction holds already. */
  readonly forgetsItsOwn?: boolean
  /** Ends the hold of a transaction that commits, and of no other. */
  readonly endsOnCommitOnly?: boolean
  /** Lets logins wait as well. */
  readonly blocksLogins?: boolean
}

/** Creates a storage whose transactions wait for each other where they hold, and never run again. */
export function createLocking(storage: Storage, locks: Locks = {}): Storage {
  const waits = new Map<string, Promise<void>>()

  async function wait(id: string, ends: Map<string, () => void>): Promise<void> {
    if (ends.has(id) && !locks.forgetsItsOwn) return
    const before = waits.get(id)
    waits.set(id, new Promise((resolve) => ends.set(id, resolve)))
    await before
  }

  function storesOf(ends: Map<string, () => void>): Stores {
    const hold = (id: string): Promise<void> => wait(id, ends)
    return { ...storage, organizations: { ...storage.organizations, hold } }
  }

  return {
    ...storage,
    ...(locks.blocksLogins && {
      logins: {
        ...storage.logins,
        async grant(grant, now, events) {
          await waits.get(grant.organization)
          return storage.logins.grant(grant, now, events)
        },
      },
    }),
    async transaction(run) {
      const ends = new Map<string, () => void>()
      const release = (): void => {
        for (const end of ends.values()) end()
      }
      try {
        const answer = await run(storesOf(ends))
        release()
        return answer
      } catch (error) {
        if (!locks.endsOnCommitOnly) release()
        throw error
      }
    },
  }
}

/** Creates a storage in the database of a host: what the host's transaction is, are the stores as it sees them. */
export function createHosted(
  storage: Storage,
  change: (stores: Stores) => Partial<Stores> = () => ({}),
): Storage {
  const within = (transaction: unknown): Stores => {
    const stores = transaction as Stores
    return { ...stores, ...change(stores) }
  }
  return { ...storage, within }
}

/** Runs a transaction of the host of such a storage. */
export function hostTransaction<T>(
  storage: Storage,
  run: (transaction: unknown) => Promise<T>,
): Promise<T> {
  return storage.transaction(run)
}

/** Puts no transaction around anything, and waits for nobody. */
function unheld(storage: Storage): Storage {
  return { ...storage, transaction: (run) => run(storage) }
}

/** Shows a transaction what it read first, also where it waited since. */
function frozen(storage: Storage): Storage {
  const locking = createLocking(storage)
  return {
    ...locking,
    transaction: (run) =>
      locking.transaction((stores) => {
        let first: ReturnType<Stores['roleBindings']['page']> | undefined
        const page: Stores['roleBindings']['page'] = (query) => {
          first ??= stores.roleBindings.page(query)
          return first
        }
        return run({ ...stores, roleBindings: { ...stores.roleBindings, page } })
      }),
  }
}

export const holdSaboteurs: readonly StorageSaboteur[] = [
  ...[
    'organizations.hold MUST let one of two pass a limit, where both hold before they read',
    'organizations.hold MUST let one of two pass a limit, where both had read before they hold',
    'organizations.hold MUST let no more pass a limit than it allows, however many hold at once',
  ].map((caughtBy) => ({
    bug: 'neither waits where a transaction holds nor runs one again',
    caughtBy,
    sabotage: unheld,
  })),
  {
    bug: 'waits, and then answers what stood before',
    caughtBy:
      'organizations.hold MUST let one of two pass a limit, where both had read before they hold',
    sabotage: frozen,
  },
  {
    bug: 'waits for itself',
    caughtBy: 'organizations.hold MUST NOT wait for its own transaction',
    sabotage: (storage) => createLocking(storage, { forgetsItsOwn: true }),
  },
  {
    bug: 'holds for ever where a transaction fails',
    caughtBy: 'organizations.hold MUST NOT wait for a transaction that has failed',
    sabotage: (storage) => createLocking(storage, { endsOnCommitOnly: true }),
  },
  {
    bug: 'lets logins wait for changes',
    caughtBy: 'organizations.hold MUST NOT make a login or a request wait',
    sabotage: (storage) => createLocking(storage, { blocksLogins: true }),
  },
]

export const hostTransactionSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'writes past the transaction of the host',
    caughtBy: 'within MUST show others what it wrote only once the host has committed',
    sabotage: (storage) => ({ ...storage, within: () => storage }),
  },
  {
    bug: 'writes events past the transaction of the host',
    caughtBy: 'within MUST leave no record and no event where the host rolls back',
    sabotage: (storage) =>
      createHosted(storage, ({ roles }) => ({
        roles: {
          ...roles,
          async insert(row, events) {
            await storage.outbox.append(events)
            return roles.insert(row, [])
          },
        },
      })),
  },
  {
    bug: 'takes records away past the transaction of the host',
    caughtBy: 'within MUST leave no record and no event where the host rolls back',
    sabotage: (storage) =>
      createHosted(storage, ({ identities }) => ({
        identities: { ...identities, remove: (key) => storage.identities.remove(key, []) },
      })),
  },
  {
    bug: 'fails the transaction of the host where a verb answers false',
    caughtBy: 'within MUST undo nothing where a verb answers false',
    sabotage: (storage) =>
      createHosted(storage, ({ roles }) => ({
        roles: {
          ...roles,
          async insert(row, events) {
            if (await roles.insert(row, events)) return true
            throw new Error('The transaction of the host is aborted')
          },
        },
      })),
  },
  {
    bug: 'undoes what the host wrote where a transaction of its own fails',
    caughtBy: 'within MUST undo nothing where another transaction fails meanwhile',
    sabotage(storage) {
      const written: (() => Promise<unknown>)[] = []
      const hosted = createHosted(storage, ({ roles }) => ({
        roles: {
          ...roles,
          insert(row, events) {
            written.push(() => roles.remove([row.organization, row.id], []))
            return roles.insert(row, events)
          },
        },
      }))
      return {
        ...hosted,
        async transaction(run) {
          try {
            return await storage.transaction(run)
          } catch (error) {
            for (const undo of written) await undo()
            throw error
          }
        },
      }
    },
  },
  {
    bug: 'holds nothing in the transaction of the host',
    caughtBy: 'within MUST hold an organization as a transaction of its own does',
    sabotage: (storage) =>
      createHosted(createLocking(storage), ({ organizations }) => ({
        organizations: { ...organizations, hold: async () => undefined },
      })),
  },
]

/** Lets others in between looking and removing. */
export const removalRaceSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'collects what it takes away, then removes the role',
    caughtBy: 'roles.remove MUST leave no binding of the role, however many bind it at once',
    sabotage: withBug(({ roles, roleBindings }) => {
      const left: RoleBinding[] = []
      return {
        roles: {
          ...roles,
          async remove(key, events) {
            const [organization, role] = key
            const query = { filter: { organization, role }, order: 'id', limit: 1000 } as const
            const { rows: found } = await roleBindings.page(query)
            await tick()
            const { rows } = await roleBindings.page(query)
            left.push(...rows.slice(found.length))
            return roles.remove(key, events)
          },
        },
        roleBindings: {
          ...roleBindings,
          async page(query) {
            const { rows } = await roleBindings.page(query)
            return { rows: [...rows, ...left] }
          },
        },
      }
    }),
  },
  {
    bug: 'collects the identities, then removes their project',
    caughtBy:
      'projects.remove MUST leave no identity of the project, however many are inserted at once',
    sabotage: withBug(({ projects, identities }) => ({
      projects: {
        ...projects,
        async remove(key, events) {
          const [organization, project] = key
          const query = { filter: { organization, project }, order: 'id', limit: 1000 } as const
          const { rows: found } = await identities.page(query)
          await tick()
          const { rows } = await identities.page(query)
          const removed = await projects.remove(key, events)
          for (const { project: _, ...row } of rows.slice(found.length))
            await identities.insert(row, [])
          return removed
        },
      },
    })),
  },
  {
    bug: 'puts no transaction around a look and a change',
    caughtBy: 'transaction MUST NOT let one bind a role that the other removes',
    sabotage: (storage) => ({
      ...storage,
      transaction: (run) =>
        run({
          ...storage,
          roleBindings: {
            ...storage.roleBindings,
            async insert(row, events) {
              await tick()
              const inserted = await storage.roleBindings.insert(row, events)
              if (inserted || row.role === undefined) return inserted
              return storage.roleBindings.insert({ ...row, role: 'viewer' }, events)
            },
          },
        }),
    }),
  },
]
