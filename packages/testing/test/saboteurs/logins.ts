import type { ClientSecret, LoginStore, Stores } from '@countersign/core/plugin'
import {
  ceilingOf,
  isLocked,
  refuseClientSecret,
  startsLock,
  strike,
} from '@countersign/core/plugin'
import type { StorageSaboteur } from './saboteur.ts'
import { tick, withBug } from './saboteur.ts'

/** Puts a bug into the store of logins. */
function inLogins(change: (logins: LoginStore, stores: Stores) => Partial<LoginStore>) {
  return withBug((stores) => ({ logins: { ...stores.logins, ...change(stores.logins, stores) } }))
}

async function secretsUsed(
  { clientSecrets }: Stores,
  { organization, charges }: Parameters<LoginStore['grant']>[0],
): Promise<readonly ClientSecret[]> {
  const found = await Promise.all(
    charges.map((charge) =>
      charge.kind === 'use' ? clientSecrets.find(organization, charge.credential) : undefined,
    ),
  )
  return found.filter((secret) => secret !== undefined)
}

export const loginSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: "answers another identity's secret",
    caughtBy: "logins.find MUST never answer another identity's secret",
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
            return state && { ...state, ...(stored && { stored }) }
          },
        },
      }
    }),
  },
  {
    bug: 'counts all accounts together',
    caughtBy:
      'logins.find MUST answer the counters of the account that is guessed at, and no others',
    sabotage: inLogins((logins) => ({
      find: ({ account: _account, ...query }, now) => logins.find(query, now),
    })),
  },
  {
    bug: 'knows a source for ever',
    caughtBy: 'logins.find MUST know a source until its end',
    sabotage: inLogins((logins) => ({ find: (query) => logins.find(query, new Date(0)) })),
  },
  {
    bug: 'counts uses across an await',
    caughtBy: 'logins.grant MUST grant no more than `maxUses`, however many grant at once',
    sabotage: inLogins((logins, stores) => ({
      async grant(grant, now, events) {
        const secrets = await secretsUsed(stores, grant)
        const refused = secrets.map((secret) => refuseClientSecret(secret, now)).find(Boolean)
        if (refused !== undefined) return refused
        await tick()
        const refusal = await logins.grant(grant, now, events)
        if (refusal !== 'secret_exhausted') return refusal
        return logins.grant({ ...grant, charges: [] }, now, events)
      },
    })),
  },
  {
    bug: 'counts expired secrets',
    caughtBy:
      'logins.grant MUST commit nothing and answer why where the secret expired at the very instant `now`',
    sabotage: inLogins((logins, stores) => ({
      async grant(grant, now, events) {
        const secrets = await secretsUsed(stores, grant)
        const ends = secrets.flatMap(({ expiresAt }) =>
          expiresAt ? [expiresAt.getTime() - 1] : [],
        )
        return logins.grant(grant, new Date(Math.min(now.getTime(), ...ends)), events)
      },
    })),
  },
  {
    bug: 'grants in spite of a lock that appeared',
    caughtBy:
      'logins.grant MUST commit nothing and answer why where the counter it would clear is locked at `now`',
    sabotage: inLogins((logins, { lockouts }) => ({
      async grant(grant, now, events) {
        if (grant.lockout !== undefined) await lockouts.clear(grant.lockout, now, [])
        return logins.grant(grant, now, events)
      },
    })),
  },
  {
    bug: 'reads the lock, then grants',
    caughtBy: 'logins.grant MUST pass a lock that has ended, and locks of others',
    sabotage: inLogins((logins, { lockouts }) => ({
      async grant(grant, now, events) {
        const { organization, identity } = grant
        const locks = await lockouts.active({ organization, identity }, now)
        return locks.length > 0 ? 'too_many_attempts' : logins.grant(grant, now, events)
      },
    })),
  },
  {
    bug: 'forgets to clear the counter',
    caughtBy: 'logins.grant MUST commit all of the grant and its events',
    sabotage: inLogins((logins, { lockouts }) => ({
      async grant({ lockout, ...grant }, now, events) {
        const locks = lockout ? await lockouts.active(lockout, now) : []
        return locks.some(({ counter }) => isLocked(counter, now))
          ? 'too_many_attempts'
          : logins.grant(grant, now, events)
      },
    })),
  },
  {
    bug: 'clears every counter',
    caughtBy: 'logins.grant MUST clear the counter it names, and no other',
    sabotage: inLogins((logins, { lockouts }) => ({
      async grant(grant, now, events) {
        const refusal = await logins.grant(grant, now, events)
        if (refusal === undefined && grant.lockout) await lockouts.clear(grant.lockout, now, [])
        return refusal
      },
    })),
  },
  {
    bug: 'ignores the generation',
    caughtBy:
      'logins.grant MUST commit nothing and answer why where the identity is of a later generation',
    sabotage: inLogins((logins, { identities }) => ({
      async grant(grant, now, events) {
        const stored = await identities.find(grant.organization, grant.identity)
        const generation = stored?.generation ?? grant.generation
        return logins.grant({ ...grant, generation }, now, events)
      },
    })),
  },
  {
    bug: 'keeps the charges of a grant that it refuses',
    caughtBy:
      'logins.grant MUST commit nothing and answer why where the counter it would clear is locked at `now`',
    sabotage: inLogins((logins) => ({
      async grant(grant, now, events) {
        const { organization, identity, generation, authMethod, charges } = grant
        const bare = { organization, identity, generation, authMethod }
        const refusal = await logins.grant({ ...bare, charges }, now, [])
        return refusal ?? logins.grant({ ...grant, charges: [] }, now, events)
      },
    })),
  },
  {
    bug: 'takes the charges one after the other',
    caughtBy:
      'logins.grant MUST count no use where the evidence was seen, and mark no evidence where a use is refused',
    sabotage: inLogins((logins) => ({
      async grant({ lockout, remember, counted, charges, ...bare }, now, events) {
        for (const charge of charges) {
          const refusal = await logins.grant({ ...bare, charges: [charge] }, now, [])
          if (refusal !== undefined) return refusal
        }
        const rest = { ...(lockout && { lockout }), ...(remember && { remember }) }
        const grant = { ...bare, ...rest, ...(counted && { counted }), charges: [] }
        return logins.grant(grant, now, events)
      },
    })),
  },
  {
    bug: 'refuses evidence for ever',
    caughtBy: 'logins.grant MUST accept a `once` key one time until it ends',
    sabotage: inLogins((logins) => {
      const seen = new Set<string>()
      return {
        async grant(grant, now, events) {
          const keys = grant.charges.flatMap((charge) =>
            charge.kind === 'once' ? [charge.key] : [],
          )
          if (keys.some((key) => seen.has(key))) return 'evidence_replayed'
          for (const key of keys) seen.add(key)
          return logins.grant(grant, now, events)
        },
      }
    }),
  },
  {
    bug: 'accepts evidence once for each identity',
    caughtBy: 'logins.grant MUST accept a `once` key one time until it ends',
    sabotage: inLogins((logins) => ({
      grant(grant, now, events) {
        const charges = grant.charges.map((charge) =>
          charge.kind === 'once' ? { ...charge, key: `${grant.identity} ${charge.key}` } : charge,
        )
        return logins.grant({ ...grant, charges }, now, events)
      },
    })),
  },
  {
    bug: 'writes `locked` for every strike at a lock',
    caughtBy: 'logins.strike MUST write `locked` if and only if this very strike started the lock',
    sabotage: inLogins((logins, { outbox }) => ({
      async strike(key, policy, now, events) {
        const struck = await logins.strike(key, policy, now, events)
        if (!struck.counted && struck.counter.locked) await outbox.append(events.locked)
        return struck
      },
    })),
  },
  {
    bug: 'strikes across an await',
    caughtBy:
      'logins.strike MUST apply the transitions one after the other, however many strike at once',
    sabotage: inLogins((logins, { outbox }) => ({
      async strike(key, policy, now, { refused, locked }) {
        const { identity, method } = key
        const query = { identity, method, source: 'any', digests: [] }
        const state = await logins.find(query, now)
        await tick()
        await logins.strike(key, policy, now, { refused, locked: [] })
        const struck = strike(state?.counters.strangers, policy, now)
        if (struck.counted && struck.counter.locked) await outbox.append(locked)
        return struck
      },
    })),
  },
  {
    bug: 'lets a strike extend a lock',
    caughtBy: 'logins.strike MUST apply the lockout transitions',
    sabotage: inLogins((logins, { lockouts }) => ({
      async strike(key, policy, now, events) {
        const struck = await logins.strike(key, policy, now, events)
        if (struck.counted) return struck
        await lockouts.clear(key, now, [])
        const anew = await logins.strike(key, { ...policy, threshold: 1 }, now, {
          refused: [],
          locked: [],
        })
        return { ...anew, counted: false }
      },
    })),
  },
  {
    bug: 'counts for the total what its own counter refused',
    caughtBy:
      'logins.strike MUST count for the total what counted for its own counter, and nothing else',
    sabotage: inLogins((logins) => ({
      async strike(key, policy, now, events) {
        const struck = await logins.strike(key, policy, now, events)
        if (struck.counted || key.total === undefined) return struck
        const { total, ...own } = key
        const above = { ...own, class: total }
        return { ...struck, total: await logins.strike(above, ceilingOf(policy), now, events) }
      },
    })),
  },
  {
    bug: 'strikes the total across an await',
    caughtBy:
      'logins.strike MUST lock the total with the hundredth failure, however many strike at once',
    sabotage: inLogins((logins, { outbox }) => ({
      async strike({ total, ...key }, policy, now, { refused, locked }) {
        const own = await logins.strike(key, policy, now, { refused, locked: [] })
        if (total === undefined || !own.counted) return own
        const above = { ...key, class: total }
        const query = { identity: key.identity, method: key.method, source: 'any', digests: [] }
        const state = await logins.find(query, now)
        await tick()
        await logins.strike(above, ceilingOf(policy), now, { refused: [], locked: [] })
        const struck = { ...own, total: strike(state?.counters.total, ceilingOf(policy), now) }
        if (startsLock(struck)) await outbox.append(locked)
        return struck
      },
    })),
  },
  {
    bug: 'locks the total one failure late',
    caughtBy:
      'logins.strike MUST lock the total with the hundredth failure in a row, and not before',
    sabotage: inLogins((logins) => ({
      async strike({ total, ...key }, policy, now, events) {
        const own = await logins.strike(key, policy, now, events)
        if (total === undefined || !own.counted) return own
        const above = { ...key, class: total }
        const late = { ...ceilingOf(policy), threshold: ceilingOf(policy).threshold + 1 }
        return { ...own, total: await logins.strike(above, late, now, { ...events, refused: [] }) }
      },
    })),
  },
  {
    bug: 'grants past a total that is locked',
    caughtBy:
      'logins.grant MUST refuse with `too_many_attempts` where the total is locked, and clear it with its own counter otherwise',
    sabotage: inLogins((logins) => ({
      grant({ lockout, ...grant }, now, events) {
        if (lockout === undefined) return logins.grant(grant, now, events)
        const { total: _total, ...own } = lockout
        return logins.grant({ ...grant, lockout: own }, now, events)
      },
    })),
  },
  {
    bug: 'counts failures of all sources together',
    caughtBy: 'logins.strike MUST count each key for itself',
    sabotage: inLogins((logins) => ({
      strike: (key, policy, now, events) =>
        logins.strike({ ...key, class: 'everybody' }, policy, now, events),
    })),
  },
]
