import type { Invalidation } from '../ports/channel.ts'
import type { RecordStore } from '../ports/record-store.ts'
import type { SecretStore } from '../ports/secret-store.ts'
import type { Storage, Stores } from '../ports/storage.ts'

/** Tells whoever remembers something that it changed; resolves when this node has forgotten. */
export type Announce = (invalidation: Invalidation) => Promise<void>

/**
 * Decorates a storage so that every change of what a standing is made of is announced before its promise resolves; the
 * changes of a transaction, when it has committed.
 */
export function withAnnouncements(storage: Storage, announce: Announce): Storage {
  return {
    ...storage,
    ...announcing(storage, announce),
    async transaction(run) {
      const changed: Invalidation[] = []
      const collect: Announce = async (invalidation) => void changed.push(invalidation)
      const answer = await storage.transaction((stores) => {
        changed.length = 0
        return run(announcing(stores, collect))
      })
      for (const invalidation of changed) await announce(invalidation)
      return answer
    },
  }
}

function announcing(stores: Stores, announce: Announce): Stores {
  const { organizations, identities, authMethods, clientSecrets, tokens } = stores
  return {
    ...stores,
    organizations: announcingRecords(organizations, announce, {
      ofRow: ({ id }) => ({ kind: 'organization', id }),
      ofKey: ([id]) => ({ kind: 'organization', id }),
    }),
    identities: announcingRecords(identities, announce, {
      ofRow: ({ organization, id }) => identityOf(organization, id),
      ofKey: ([organization, id]) => identityOf(organization, id),
    }),
    authMethods: announcingRecords(authMethods, announce, {
      ofRow: ({ organization, identity }) => identityOf(organization, identity),
      ofKey: ([organization, identity]) => identityOf(organization, identity),
    }),
    clientSecrets: announcingSecrets(clientSecrets, announce),
    tokens: {
      ...tokens,
      async revoke(mark, events) {
        const marked = await tokens.revoke(mark, events)
        await announce({ kind: 'session', organization: mark.organization, id: mark.id })
        return marked
      },
    },
  }
}

interface Invalidates<Row, Key> {
  ofRow(row: Row): Invalidation
  ofKey(key: Key): Invalidation
}

function announcingRecords<Row, Key extends readonly string[], Filter>(
  store: RecordStore<Row, Key, Filter>,
  announce: Announce,
  { ofRow, ofKey }: Invalidates<Row, Key>,
): RecordStore<Row, Key, Filter> {
  return {
    ...store,
    async replace(row, events) {
      const replaced = await store.replace(row, events)
      await announce(ofRow(row))
      return replaced
    },
    async remove(key, events) {
      const removed = await store.remove(key, events)
      await announce(ofKey(key))
      return removed
    },
  }
}

function announcingSecrets(secrets: SecretStore, announce: Announce): SecretStore {
  return {
    ...secrets,
    async revoke(key, revocation, events) {
      const revoked = await secrets.revoke(key, revocation, events)
      if (revoked !== undefined) await announce(identityOf(key.organization, revoked.identity))
      return revoked
    },
    async remove(key, events) {
      const doomed = await secrets.find(key.organization, key.id)
      const removed = await secrets.remove(key, events)
      if (doomed !== undefined) await announce(identityOf(key.organization, doomed.identity))
      return removed
    },
  }
}

function identityOf(organization: string, id: string): Invalidation {
  return { kind: 'identity', organization, id }
}
