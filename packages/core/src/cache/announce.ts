import type { RoleBinding } from '../model/role-binding.ts'
import type { Invalidation } from '../ports/channel.ts'
import type { Storage, Stores } from '../ports/storage.ts'

/** Tells whoever remembers something that it changed; resolves when this node has forgotten. */
export type Announce = (invalidation: Invalidation) => Promise<void>

/** Tells of a change that the host's own transaction makes, if and when it commits. */
export type AnnounceWithin = (transaction: unknown, invalidation: Invalidation) => Promise<void>

/**
 * Decorates a storage so that every change of what is remembered is announced before its promise resolves; the changes
 * of a transaction, when it has committed; those of a host's transaction by that transaction itself.
 */
export function withAnnouncements(
  storage: Storage,
  announce: Announce,
  announceWithin?: AnnounceWithin,
): Storage {
  const { within } = storage
  return {
    ...storage,
    ...announcingStores(storage, announce),
    async transaction(run) {
      const changed: Invalidation[] = []
      const collect: Announce = async (invalidation) => void changed.push(invalidation)
      const answer = await storage.transaction((stores) => {
        changed.length = 0
        return run(announcingStores(stores, collect))
      })
      // Together: where one of them fails, the others are announced all the same.
      await Promise.all(changed.map(announce))
      return answer
    },
    ...(within !== undefined &&
      announceWithin !== undefined && {
        within: (transaction: unknown) =>
          announcingStores(within(transaction), (change) => announceWithin(transaction, change)),
      }),
  }
}

/** What each verb that changes something invalidates, from what it was told. */
function announcingStores(stores: Stores, announce: Announce): Stores {
  const announcing = announcer(announce)
  return {
    ...stores,
    organizations: announcing(stores.organizations, { remove: ([id]) => organization(id) }),
    identities: announcing(stores.identities, {
      replace: ({ organization: tenant, id }) => identity(tenant, id),
      remove: ([tenant, id]) => identity(tenant, id),
    }),
    projects: announcing(stores.projects, { remove: ([tenant]) => organization(tenant) }),
    roles: announcing(stores.roles, {
      replace: (role) => ({ kind: 'role', organization: role.organization, id: role.id }),
      remove: ([tenant, id]) => ({ kind: 'role', organization: tenant, id }),
    }),
    roleBindings: withBindings(stores.roleBindings, announce),
    authMethods: announcing(stores.authMethods, {
      replace: (method) => identity(method.organization, method.identity),
      remove: ([tenant, id]) => identity(tenant, id),
    }),
    clientSecrets: announcing(stores.clientSecrets, {
      revoke: (key) => organization(key.organization),
      remove: (key) => organization(key.organization),
    }),
    staticTokens: announcing(stores.staticTokens, {
      revoke: (key) => organization(key.organization),
      remove: (key) => organization(key.organization),
      revokeAll: (filter) => identity(filter.organization, filter.identity),
    }),
    tokens: announcing(stores.tokens, {
      revoke: (mark) => ({ kind: 'session', organization: mark.organization, id: mark.id }),
    }),
    keys: announcing(stores.keys, { succeed: () => KEYS, remove: () => KEYS }),
    rootKeys: announcing(stores.rootKeys, { retire: () => EVERYTHING }),
  }
}

/** What a removed binding invalidates is known before it is gone. */
function withBindings(store: Stores['roleBindings'], announce: Announce): Stores['roleBindings'] {
  return {
    ...store,
    async insert(binding, events) {
      const inserted = await store.insert(binding, events)
      if (inserted) await announce(held(binding))
      return inserted
    },
    async remove([tenant, id], events) {
      const binding = await store.find(tenant, id)
      const removed = await store.remove([tenant, id], events)
      if (binding !== undefined) await announce(held(binding))
      return removed
    },
  }
}

function held({ organization: tenant, subject }: RoleBinding): Invalidation {
  return { kind: subject.kind, organization: tenant, id: subject.id }
}

const KEYS: Invalidation = { kind: 'keys' }
const EVERYTHING: Invalidation = { kind: 'everything' }

function organization(id: string): Invalidation {
  return { kind: 'organization', id }
}

function identity(tenant: string, id: string): Invalidation {
  return { kind: 'identity', organization: tenant, id }
}

type Verb = (...told: never[]) => Promise<unknown>

/** For some verbs of a store: what a call invalidates. */
type Rules<Store> = {
  readonly [V in keyof Store]?: Store[V] extends Verb
    ? (told: Parameters<Store[V]>[0]) => Invalidation
    : never
}

function announcer(announce: Announce) {
  return <Store extends object>(store: Store, rules: Rules<Store>): Store => {
    const verbs = Object.entries(rules as Record<string, (told: unknown) => Invalidation>)
    const announced = verbs.map(([name, invalidated]) => {
      const verb = Reflect.get(store, name) as Verb
      const announcing = async (...told: readonly unknown[]): Promise<unknown> => {
        const answer = await verb.call(store, ...(told as never[]))
        await announce(invalidated(told[0]))
        return answer
      }
      return [name, announcing]
    })
    return { ...store, ...Object.fromEntries(announced) }
  }
}
