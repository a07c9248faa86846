import type {
  ClientSecret,
  Digest,
  KeyStore,
  LoginStore,
  RootKeyStore,
  StoredSigningKey,
  Stores,
} from '@countersign/core/plugin'
import type { StorageSaboteur } from './saboteur.ts'
import { tick, withBug } from './saboteur.ts'

/** Puts a bug into the store of signing keys. */
function inKeys(change: (keys: KeyStore) => Partial<KeyStore>) {
  return withBug(({ keys }) => ({ keys: { ...keys, ...change(keys) } }))
}

/** Puts a bug into the store that knows root keys. */
function inRootKeys(change: (rootKeys: RootKeyStore, stores: Stores) => Partial<RootKeyStore>) {
  return withBug((stores) => ({
    rootKeys: { ...stores.rootKeys, ...change(stores.rootKeys, stores) },
  }))
}

/** Puts a bug into the grants of logins. */
function inGrants(change: (logins: LoginStore) => LoginStore['grant']) {
  return withBug(({ logins }) => ({ logins: { ...logins, grant: change(logins) } }))
}

const SUCCEED_ONCE = 'keys.succeed MUST supersede a key once, however many supersede it at once'
const REVISION =
  'keys: the revision MUST rise with each ensure, succeed and remove that changed something'

export const keySaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'lets the last key win',
    caughtBy: 'keys.ensure MUST store the key only if there is none',
    sabotage: inKeys((keys) => {
      let last: StoredSigningKey | undefined
      return {
        async ensure(key, events) {
          last = key
          await keys.ensure(key, events)
          return key
        },
        list: async () => ({ revision: 1, keys: last === undefined ? [] : [last] }),
      }
    }),
  },
  {
    bug: 'looks for a key, then stores one',
    caughtBy: 'keys.ensure MUST answer all the same key, however many call at once',
    sabotage: inKeys((keys) => ({
      async ensure(key, events) {
        const [stored] = (await keys.list()).keys
        await tick()
        if (stored !== undefined) return stored
        await keys.ensure(key, events)
        return key
      },
    })),
  },
  {
    bug: 'adds the successor and supersedes nothing',
    caughtBy: 'keys.succeed MUST add the successor and supersede the newest key in one step',
    sabotage: inKeys((keys) => ({
      async list() {
        const { revision, keys: stored } = await keys.list()
        const newest = ({ supersededAt: _, retiresAt: __, ...key }: StoredSigningKey) => key
        return { revision, keys: stored.map(newest) }
      },
    })),
  },
  {
    bug: 'succeeds without comparing the newest',
    caughtBy:
      'keys.succeed MUST answer false and change nothing where another key is the newest by now',
    sabotage: inKeys((keys) => ({
      async succeed(succession, events) {
        const newest = (await keys.list()).keys.at(-1)
        return keys.succeed({ ...succession, kid: newest?.kid ?? succession.kid }, events)
      },
    })),
  },
  {
    bug: 'reads the newest key, then succeeds it',
    caughtBy: SUCCEED_ONCE,
    sabotage: inKeys((keys) => ({
      async succeed(succession, events) {
        const newest = (await keys.list()).keys.at(-1)
        await tick()
        if (newest?.kid !== succession.kid) return false
        while (!(await keys.succeed(succession, events))) {
          const kid = (await keys.list()).keys.at(-1)?.kid ?? ''
          if (await keys.succeed({ ...succession, kid }, events)) break
        }
        return true
      },
    })),
  },
  {
    bug: 'overwrites any seal',
    caughtBy: 'keys.reseal MUST change the seal only while it is the one that was opened',
    sabotage: inKeys((keys) => ({
      async reseal({ kid, to }) {
        const stored = (await keys.list()).keys.find((key) => key.kid === kid)
        return stored !== undefined && keys.reseal({ kid, from: stored.sealed, to })
      },
    })),
  },
  {
    bug: 'removes what is not there',
    caughtBy: 'keys.remove MUST answer false where there is no such key',
    sabotage: inKeys((keys) => ({
      remove: async (kid, events) => (await keys.remove(kid, events)) || true,
    })),
  },
  {
    bug: 'has a revision that does not rise',
    caughtBy: REVISION,
    sabotage: inKeys((keys) => ({ list: async () => ({ ...(await keys.list()), revision: 7 }) })),
  },
  {
    bug: 'counts its keys for a revision',
    caughtBy: REVISION,
    sabotage: inKeys((keys) => ({
      async list() {
        const ring = await keys.list()
        return { ...ring, revision: ring.keys.length }
      },
    })),
  },
  {
    bug: 'sweeps a retired key in silence',
    caughtBy: 'sweep MUST forget a retired key, and raise the revision of the keys',
    sabotage(storage) {
      let swept: number | undefined
      return {
        ...storage,
        async sweep(now, limit) {
          swept = (await storage.keys.list()).revision
          return storage.sweep(now, limit)
        },
        keys: {
          ...storage.keys,
          async list() {
            const ring = await storage.keys.list()
            return { ...ring, revision: swept ?? ring.revision }
          },
        },
      }
    },
  },
  {
    bug: 'answers standings of an older revision of the keys',
    caughtBy:
      'tokens.find MUST carry the revision of the keys in a standing that is answered afterwards',
    sabotage: withBug(({ tokens }) => {
      let first: number | undefined
      return {
        tokens: {
          ...tokens,
          async find(query, now) {
            const standing = await tokens.find(query, now)
            first ??= standing.keyRevision
            return { ...standing, keyRevision: first }
          },
        },
      }
    }),
  },
]

export const rootKeySaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'forgets all root keys but the newest',
    caughtBy:
      'rootKeys.uses MUST name every root key that a credential which could still be used depends on',
    sabotage: inRootKeys((rootKeys) => ({
      uses: async (now) => (await rootKeys.uses(now)).slice(0, 1),
    })),
  },
  {
    bug: 'forgets static tokens',
    caughtBy:
      'rootKeys.uses MUST name every root key that a credential which could still be used depends on',
    sabotage: inRootKeys((rootKeys) => ({
      uses: async (now) => (await rootKeys.uses(now)).filter((use) => use.clientSecrets > 0),
    })),
  },
  {
    bug: 'counts secrets that have ended',
    caughtBy: 'rootKeys.uses MUST NOT count what opens nothing any more',
    sabotage: withBug(({ clientSecrets, rootKeys }) => {
      const made: Digest[] = []
      return {
        clientSecrets: {
          ...clientSecrets,
          insert(secret, digest, events) {
            made.push(digest)
            return clientSecrets.insert(secret, digest, events)
          },
        },
        rootKeys: {
          ...rootKeys,
          uses: async () =>
            made.map(({ rootKey }) => ({ rootKey, clientSecrets: 1, staticTokens: 0 })),
        },
      }
    }),
  },
  {
    bug: 'retires only what was made with another root key',
    caughtBy:
      'rootKeys.retire MUST revoke all credentials that depend on the root key, with the events, and answer how many',
    sabotage: inRootKeys((rootKeys) => ({
      retire: (retirement, events) => rootKeys.retire({ ...retirement, rootKey: 'newest' }, events),
    })),
  },
  {
    bug: "forgets the tokens' marks when a root key retires",
    caughtBy: 'rootKeys.retire MUST revoke the tokens that the credentials opened',
    sabotage: inRootKeys((rootKeys) => ({
      retire: (retirement, events) =>
        rootKeys.retire({ ...retirement, until: retirement.revocation.at }, events),
    })),
  },
  {
    bug: 'writes the event of a retirement that ended nothing',
    caughtBy:
      'rootKeys.retire MUST leave alone how a credential ended before, and write no event for nothing',
    sabotage: inRootKeys((rootKeys, { outbox }) => ({
      async retire(retirement, events) {
        const retired = await rootKeys.retire(retirement, [])
        await outbox.append(events)
        return retired
      },
    })),
  },
  {
    bug: 'takes every digest for one of the newest root key',
    caughtBy: 'logins.find MUST answer the root key of the digest that named the secret',
    sabotage: withBug(({ logins }) => ({
      logins: {
        ...logins,
        async find(query, now) {
          const state = await logins.find(query, now)
          return state?.stored && { ...state, storedUnder: 'newest' }
        },
      },
    })),
  },
]

export const redigestSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'keeps the old digest',
    caughtBy:
      'logins.grant MUST replace the digest where a new one is given, and count and use the secret as before',
    sabotage: inGrants(
      (logins) =>
        ({ redigest: _, ...grant }, now, events) =>
          logins.grant(grant, now, events),
    ),
  },
  {
    bug: 'finds a secret by its old digest as well',
    caughtBy: 'logins.grant MUST replace the digest of a secret without `maxUses`',
    sabotage: withBug(({ clientSecrets, logins }) => {
      const byDigest = new Map<string, ClientSecret>()
      return {
        clientSecrets: {
          ...clientSecrets,
          insert(secret, digest, events) {
            byDigest.set(digest.value, secret)
            return clientSecrets.insert(secret, digest, events)
          },
        },
        logins: {
          ...logins,
          async find(query, now) {
            const state = await logins.find(query, now)
            const [stored] = query.digests.flatMap(({ value }) => byDigest.get(value) ?? [])
            return state && { ...(stored && { stored, storedUnder: 'older' }), ...state }
          },
        },
      }
    }),
  },
  {
    bug: 'replaces the digest of a login that it refuses',
    caughtBy: 'logins.grant MUST NOT replace a digest where it commits nothing',
    sabotage: inGrants((logins) => async (grant, now, events) => {
      const { redigest, ...rest } = grant
      if (redigest !== undefined) await logins.grant({ ...rest, redigest, charges: [] }, now, [])
      return logins.grant(rest, now, events)
    }),
  },
]
