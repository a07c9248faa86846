import type { LoginStore, StandingQuery, Stores, TokenStore } from '@countersign/core/plugin'
import type { RedisScript } from '../client.ts'
import type { Redis } from '../redis.ts'
import { closeCount, extendCount, openCount, readUses, spendUse } from '../scripts/uses.ts'
import { unlessAway } from './afterwards.ts'

/**
 * Decorates stores so that the uses of limited tokens are counted in Redis.
 *
 * A count is opened before its login is granted, in one place: in the storage only where Redis certainly never heard of it.
 * What Redis does not know is then asked of the storage, and a count that neither knows is a no.
 */
export function withTokenUses(stores: Stores, redis: Redis): Stores {
  const counts = createCounts(redis)
  return {
    ...stores,
    logins: withOpenedCounts(stores.logins, counts),
    tokens: withCountedUses(stores, counts),
  }
}

/** Names one count. */
type CountKey = Pick<StandingQuery, 'organization' | 'session' | 'authMethod'>

/** Runs one script on one count, in one round trip; throws `RedisAway`. */
type Counts = (script: RedisScript, key: CountKey, ...values: readonly string[]) => Promise<string>

function createCounts(redis: Redis): Counts {
  return async (script, { organization, session, authMethod }, ...values) => {
    const key = `${redis.prefix}:{${organization}}:uses:${session}`
    const [answer = ''] = await redis.run(script, [key], [authMethod, ...values])
    return answer
  }
}

/** A count outlives its tokens by a minute, so that no clock of a node is too far behind Redis's own. */
function lifeOf(until: Date, now: Date): string {
  return String(Math.max(1, until.getTime() - now.getTime()) + 60_000)
}

function withOpenedCounts(logins: LoginStore, counts: Counts): LoginStore {
  function open(key: CountKey, life: string): Promise<string> {
    return unlessAway(
      () => counts(openCount, key, life),
      (away) => {
        // Were it counted in two places, there would be twice as many uses.
        if (away.ambiguous) throw away
        return 'elsewhere'
      },
    )
  }

  return {
    ...logins,
    async grant(grant, now, events) {
      const { counted, ...uncounted } = grant
      if (counted === undefined) return logins.grant(grant, now, events)
      const { organization, authMethod } = grant
      const key = { organization, authMethod, session: counted.session }
      const opened = await open(key, lifeOf(counted.until, now))
      if (opened === 'elsewhere') return logins.grant(grant, now, events)
      const refusal = await logins.grant(uncounted, now, events)
      if (refusal !== undefined && opened === 'opened')
        await unlessAway(
          () => counts(closeCount, key),
          () => undefined,
        )
      return refusal
    },
  }
}

function withCountedUses({ tokens, outbox }: Stores, counts: Counts): TokenStore {
  return {
    ...tokens,
    async find(query, now) {
      const [standing, uses] = await Promise.all([
        tokens.find(query, now),
        unlessAway(
          () => counts(readUses, query),
          () => 'missing',
        ),
      ])
      return uses === 'missing' ? standing : { ...standing, uses: Number(uses) }
    },
    async spend(query, limit, events) {
      const outcome = await unlessAway(
        () => counts(spendUse, query, String(limit)),
        async (away) => {
          if (await tokens.spend(query, limit, events)) return 'elsewhere'
          throw away
        },
      )
      if (outcome === 'missing') return tokens.spend(query, limit, events)
      if (outcome === 'spent' && events.length > 0) await outbox.append(events)
      return outcome !== 'exhausted'
    },
    async renew(renewal, now, events) {
      const { counted, ...uncounted } = renewal
      if (counted === undefined) return tokens.renew(renewal, now, events)
      const life = lifeOf(counted.until, now)
      const kept = await unlessAway(
        () => counts(extendCount, renewal, String(counted.limit), life),
        (away) => away,
      )
      if (kept === 'extended') return tokens.renew(uncounted, now, events)
      const refusal = await tokens.renew(renewal, now, events)
      // That the storage has no count says nothing while Redis cannot be asked.
      if (typeof kept !== 'string' && refusal === 'token_exhausted') throw kept
      return refusal
    },
  }
}
