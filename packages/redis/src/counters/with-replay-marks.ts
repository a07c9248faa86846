import { createHash } from 'node:crypto'
import type { Charge, Stores } from '@countersign/core/plugin'
import type { Redis } from '../redis.ts'
import { markSeen } from '../scripts/marks.ts'

type Once = Pick<Extract<Charge, { readonly kind: 'once' }>, 'key' | 'until'>

/**
 * Decorates stores so that evidence is marked as seen in Redis, before its login is granted: what was shown is burnt, even
 * where the login is refused. While Redis is away nobody could tell what was seen, so such a login is not possible.
 */
export function withReplayMarks(stores: Stores, redis: Redis): Stores {
  const { logins, tokens } = stores

  async function wasSeen({ key, until }: Once, now: Date): Promise<boolean> {
    const name = createHash('sha256').update(key).digest('base64url')
    const values = [until, now].map((instant) => String(instant.getTime()))
    const [answer] = await redis.run(markSeen, [`${redis.prefix}:seen:${name}`], values)
    return answer === 'seen'
  }

  return {
    ...stores,
    logins: {
      ...logins,
      async grant(grant, now, events) {
        for (const charge of grant.charges)
          if (isShort(charge) && (await wasSeen(charge, now))) return 'evidence_replayed'
        const charges = grant.charges.filter((charge) => !isShort(charge))
        return logins.grant({ ...grant, charges }, now, events)
      },
    },
    tokens: { ...tokens, markSeen: async (mark, now) => !(await wasSeen(mark, now)) },
  }
}

/** A mark with a holder stands for years and is read at every login: it stays with the authority, which forgets nothing. */
function isShort(charge: Charge): charge is Extract<Charge, { readonly kind: 'once' }> {
  return charge.kind === 'once' && charge.holder === undefined
}
