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
      // Together: where one of them fails, the others are announced all the same.
      const tell = () => Promise.all(changed.map(announce))
      return settle(
        () =>
          storage.transaction((stores) => {
            changed.length = 0
            return run(announcingStores(stores, collect))
          }),
        tell,
      )
    },
    ...(within !== undefined &&
      announceWithin !== undefined && {
        within: (transaction: unknown) =>
          announcingStores(within(transaction), (change) => announceWithin(transaction, change)),
      }),
  }
}

/**
 * Does what changes something, and tells of it. Where nobody can say whether it was committed, it may have been: what is
 * remembered must go all the same, and the error stays the one that it was.
 */
async function settle<T>(change: () => Promise<T>, tell: () => Promise<unknown>): Promise<T> {
  let answer: T
  try {
    answer = await change()
  } catch (error) {
    if (isUnknownOutcome(error)) await tell().catch(() => undefined)
    throw error
  }
  await tell()
  return answer
}

/** A refusal has changed nothing; whatever else was thrown may have come after the commit. */
function isUnknownOutcome(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return true
  return error.code === 'unavailable'
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
    insert: (binding, events) =>
      settle(
        () => store.insert(binding, events),
        () => announce(held(binding)),
      ),
    async remove([tenant, id], events) {
      const binding = await store.find(tenant, id)
      return settle(
        () => store.remove([tenant, id], events),
        async () => binding && announce(held(binding)),
      )
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
      const announcing = (...told: readonly unknown[]): Promise<unknown> =>
        settle(
          () => verb.call(store, ...(told as never[])),
          () => announce(invalidated(told[0])),
        )
      return [name, announcing]
    })
    return { ...store, ...Object.fromEntries(announced) }
  }
}
