import type { ClientSecret, TokenStanding } from '@countersign/core/plugin'
import { later } from '@countersign/core/plugin'
import type { StorageSaboteur } from './saboteur.ts'
import { tick, withBug } from './saboteur.ts'

export const tokenSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'takes a missing count for unlimited',
    caughtBy: 'tokens.spend MUST answer no for a session without a count',
    sabotage: withBug(({ tokens }) => ({
      tokens: {
        ...tokens,
        async spend(login, limit, events) {
          const { uses } = await tokens.find(login, new Date(0))
          return uses === undefined || tokens.spend(login, limit, events)
        },
      },
    })),
  },
  {
    bug: 'spends across an await',
    caughtBy: 'tokens.spend MUST count exactly, however many spend at once',
    sabotage: withBug(({ tokens }) => ({
      tokens: {
        ...tokens,
        async spend(login, limit, events) {
          const { uses } = await tokens.find(login, new Date(0))
          await tick()
          if (uses === undefined || uses >= limit) return false
          return tokens.spend(login, Number.POSITIVE_INFINITY, events)
        },
      },
    })),
  },
  {
    bug: 'looks for a mark and sets it across an await',
    caughtBy: 'tokens.markSeen MUST answer true one time, however many ask at once',
    sabotage: withBug(({ tokens }) => {
      const seen = new Set<string>()
      return {
        tokens: {
          ...tokens,
          async markSeen({ key }) {
            const isNew = !seen.has(key)
            await tick()
            seen.add(key)
            return isNew
          },
        },
      }
    }),
  },
  {
    bug: 'keeps marks for ever',
    caughtBy: 'tokens.markSeen MUST answer true one time until the mark ends',
    sabotage: withBug(({ tokens }) => {
      const seen = new Set<string>()
      return {
        tokens: {
          ...tokens,
          async markSeen({ key }) {
            const isNew = !seen.has(key)
            seen.add(key)
            return isNew
          },
        },
      }
    }),
  },
  {
    bug: 'keeps marks of tokens apart from those of logins',
    caughtBy: 'tokens.markSeen MUST know the keys that a grant has accepted',
    sabotage: withBug(({ tokens }) => ({
      tokens: {
        ...tokens,
        markSeen: (mark, now) => tokens.markSeen({ ...mark, key: `token ${mark.key}` }, now),
      },
    })),
  },
  {
    bug: 'revokes twice',
    caughtBy: 'tokens.revoke MUST answer false and write no event where the mark stands',
    sabotage: withBug(({ tokens, outbox }) => ({
      tokens: {
        ...tokens,
        async revoke(mark, events) {
          await tokens.revoke(mark, [])
          await outbox.append(events)
          return true
        },
      },
    })),
  },
  {
    bug: 'lets a mark end earlier',
    caughtBy: 'tokens.revoke MUST keep a login revoked until its mark ends',
    sabotage: withBug(({ tokens }) => {
      const ends = new Map<string, Date>()
      return {
        tokens: {
          ...tokens,
          revoke(mark, events) {
            ends.set(mark.id, mark.until)
            return tokens.revoke(mark, events)
          },
          async find(query, now) {
            const until = ends.get(query.session)
            const standing = await tokens.find(query, now)
            return until === undefined ? standing : { ...standing, revoked: now < until }
          },
        },
      }
    }),
  },
  {
    bug: 'remembers what stood',
    caughtBy: 'tokens.find MUST never answer what stood before a change',
    sabotage: withBug(({ tokens }) => {
      const remembered = new Map<string, TokenStanding>()
      return {
        tokens: {
          ...tokens,
          async find(query, now) {
            const standing = remembered.get(query.session) ?? (await tokens.find(query, now))
            remembered.set(query.session, standing)
            return standing
          },
        },
      }
    }),
  },
  {
    bug: 'loses marks with the identity',
    caughtBy: 'identities.remove MUST leave standing the marks that end tokens',
    sabotage: withBug(({ tokens }) => ({
      tokens: {
        ...tokens,
        async find(query, now) {
          const standing = await tokens.find(query, now)
          return standing.identity === undefined ? { ...standing, revoked: false } : standing
        },
      },
    })),
  },
  {
    bug: 'renews what was revoked',
    caughtBy:
      'tokens.renew MUST commit nothing and answer `token_revoked` where the login was revoked',
    sabotage: withBug(({ tokens }) => ({
      tokens: {
        ...tokens,
        renew: (renewal, now, events) =>
          tokens.renew({ ...renewal, session: `${renewal.session} renewed` }, now, events),
      },
    })),
  },
  {
    bug: 'refills a lost count',
    caughtBy:
      'tokens.renew MUST commit nothing and answer `token_exhausted` where its count is missing',
    sabotage: withBug(({ tokens }) => ({
      tokens: {
        ...tokens,
        async renew({ counted, ...renewal }, now, events) {
          const { uses } = await tokens.find(renewal, now)
          const counts = counted !== undefined && uses !== undefined
          return tokens.renew({ ...renewal, ...(counts && { counted }) }, now, events)
        },
      },
    })),
  },
]

export const secretSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'revokes a secret again',
    caughtBy: 'clientSecrets.revoke MUST change nothing where the credential is revoked already',
    sabotage: withBug(({ clientSecrets, outbox }) => ({
      clientSecrets: {
        ...clientSecrets,
        async revoke(key, revocation, events) {
          const secret = await clientSecrets.revoke(key, revocation, [])
          if (secret !== undefined) await outbox.append(events)
          return secret && { ...secret, revoked: revocation }
        },
      },
    })),
  },
  {
    bug: 'answers the digest',
    caughtBy: 'clientSecrets MUST NOT ever answer a digest',
    sabotage: withBug(({ clientSecrets }) => {
      const digests = new Map<string, string>()
      return {
        clientSecrets: {
          ...clientSecrets,
          insert(secret, digest, events) {
            digests.set(secret.id, digest.value)
            return clientSecrets.insert(secret, digest, events)
          },
          async find(organization, id) {
            const secret = await clientSecrets.find(organization, id)
            return secret && ({ ...secret, digest: digests.get(id) } as ClientSecret)
          },
        },
      }
    }),
  },
  {
    bug: 'leaves the tokens of a deleted secret alive',
    caughtBy:
      'clientSecrets.remove MUST write the mark that ends the tokens, and answer false where there is none',
    sabotage: withBug(({ clientSecrets }) => ({
      clientSecrets: {
        ...clientSecrets,
        remove: ({ organization, id }, events) =>
          clientSecrets.remove({ organization, id }, events),
      },
    })),
  },
  {
    bug: 'marks what is not there',
    caughtBy: 'clientSecrets.remove MUST write no mark for a credential that is not there',
    sabotage: withBug(({ clientSecrets, tokens }) => ({
      clientSecrets: {
        ...clientSecrets,
        async remove(key, events) {
          if (key.mark !== undefined) await tokens.revoke(key.mark, [])
          return clientSecrets.remove(key, events)
        },
      },
    })),
  },
  {
    bug: 'adds statistics to an exact count',
    caughtBy: 'clientSecrets.record MUST leave an exact count alone',
    sabotage: withBug(({ clientSecrets }) => {
      const added = new Map<string, number>()
      return {
        clientSecrets: {
          ...clientSecrets,
          record(statistics) {
            for (const { credential = '', uses } of statistics) added.set(credential, uses)
            return clientSecrets.record(statistics)
          },
          async find(organization, id) {
            const secret = await clientSecrets.find(organization, id)
            return secret && { ...secret, uses: secret.uses + (added.get(id) ?? 0) }
          },
        },
      }
    }),
  },
]

export const authoritySaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'sweeps bindings whose window has ended',
    caughtBy: 'sweep MUST keep a binding whose window has ended',
    sabotage: (storage) => ({
      ...storage,
      async sweep(now, limit) {
        const { rows } = await storage.roleBindings.page({ filter: {}, order: 'id', limit })
        for (const { organization, id, until = now } of rows)
          if (until < now) await storage.roleBindings.remove([organization, id], [])
        return storage.sweep(now, limit)
      },
    }),
  },
  {
    bug: 'ends locks and leaves counters',
    caughtBy: 'lockouts.clear MUST write its events only where it ended a lock',
    sabotage: withBug(({ lockouts }) => ({
      lockouts: {
        ...lockouts,
        async clear(filter, now, events) {
          const locks = await lockouts.active(filter, now)
          return locks.length === 0 ? 0 : lockouts.clear(filter, now, events)
        },
      },
    })),
  },
  {
    bug: 'lists locks that have ended',
    caughtBy: 'lockouts.active MUST list exactly the locks that refuse an attempt at `now`',
    sabotage: withBug(({ lockouts }) => ({
      lockouts: { ...lockouts, active: (filter, now) => lockouts.active(filter, later(now, -60)) },
    })),
  },
  {
    bug: 'does not roll back',
    caughtBy: 'transaction MUST commit nothing where `run` throws, and throw the same',
    sabotage: (storage) => ({
      ...storage,
      async transaction(run) {
        try {
          return await storage.transaction(run)
        } catch (error) {
          await run(storage).catch(() => undefined)
          throw error
        }
      },
    }),
  },
  {
    bug: 'shows what is not committed',
    caughtBy: 'transaction MUST NOT show outside what it wrote before it commits',
    sabotage: (storage) => ({ ...storage, transaction: (run) => run(storage) }),
  },
  {
    bug: 'does not let a transaction see what it wrote',
    caughtBy: 'transaction MUST let `run` see what it wrote',
    sabotage: (storage) => ({
      ...storage,
      transaction: (run) =>
        storage.transaction((stores) =>
          run({ ...stores, identities: { ...stores.identities, find: storage.identities.find } }),
        ),
    }),
  },
  {
    bug: 'loses one of two changes',
    caughtBy: 'transaction MUST lose no change where two read the same record',
    sabotage: (storage) => ({
      ...storage,
      async transaction(run) {
        const writes: (() => Promise<boolean>)[] = []
        const { organizations } = storage
        const value = await run({
          ...storage,
          organizations: {
            ...organizations,
            async replace(row, events) {
              writes.push(() => organizations.replace(row, events))
              return true
            },
          },
        })
        for (const write of writes) await write()
        return value
      },
    }),
  },
  {
    bug: 'judges by what was read before it held',
    caughtBy:
      'transaction MUST NOT let two that hold an organization change what each had found the other to keep',
    sabotage: (storage) => ({
      ...storage,
      transaction: (run) =>
        storage.transaction((stores) => {
          let first: ReturnType<typeof storage.projects.page> | undefined
          const page: typeof storage.projects.page = (query) => {
            first ??= storage.projects.page(query)
            return first
          }
          return run({ ...stores, projects: { ...stores.projects, page } })
        }),
    }),
  },
  {
    bug: 'sweeps marks that still hold',
    caughtBy: 'sweep MUST remove only what can no longer change any answer',
    sabotage: (storage) => ({
      ...storage,
      sweep: (now, limit) => storage.sweep(later(now, 31_536_000), limit),
    }),
  },
  {
    bug: 'forgets a credential the moment it ends',
    caughtBy: 'sweep MUST keep a credential listed for 30 days after its end, and forget it then',
    sabotage: (storage) => ({
      ...storage,
      sweep: (now, limit) => storage.sweep(later(now, 2_592_000), limit),
    }),
  },
  {
    bug: 'sweeps without a limit',
    caughtBy: 'sweep MUST remove at most `limit` rows',
    sabotage: (storage) => ({
      ...storage,
      sweep: (now) => storage.sweep(now, Number.POSITIVE_INFINITY),
    }),
  },
  {
    bug: 'tells another time',
    caughtBy: "now MUST answer the authority's time",
    sabotage: (storage) => ({ ...storage, now: async () => later(await storage.now(), 2) }),
  },
]
