import type {
  ClientSecret,
  SecretStore,
  StaticToken,
  StaticTokenStanding,
  StaticTokenStore,
  Stores,
} from '@countersign/core/plugin'
import { later, refuseStaticToken } from '@countersign/core/plugin'
import type { StorageSaboteur } from './saboteur.ts'
import { tick, withBug } from './saboteur.ts'

/** Puts a bug into the store of client secrets. */
function inSecrets(change: (secrets: SecretStore, stores: Stores) => Partial<SecretStore>) {
  return withBug((stores) => ({
    clientSecrets: { ...stores.clientSecrets, ...change(stores.clientSecrets, stores) },
  }))
}

/** Puts a bug into the store of static tokens. */
function inTokens(change: (tokens: StaticTokenStore, stores: Stores) => Partial<StaticTokenStore>) {
  return withBug((stores) => ({
    staticTokens: { ...stores.staticTokens, ...change(stores.staticTokens, stores) },
  }))
}

const OTHER_KIND = 'MUST answer a credential of the other kind like an unknown one'
const USE_AT_ONCE =
  'staticTokens.use MUST count no more than `maxUses`, however many use it at once'
const REDIGEST =
  'staticTokens.use MUST replace the digest where a new one is given, unless another credential has it'

export const staticTokenSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'finds client secrets among static tokens',
    caughtBy: `staticTokens ${OTHER_KIND}`,
    sabotage: inTokens((tokens, { clientSecrets }) => ({
      find: async (organization, id) =>
        (await tokens.find(organization, id)) ??
        ((await clientSecrets.find(organization, id)) as StaticToken | undefined),
    })),
  },
  {
    bug: 'revokes static tokens among client secrets',
    caughtBy: `clientSecrets ${OTHER_KIND}`,
    sabotage: inSecrets((secrets, { staticTokens }) => ({
      async revoke(key, revocation, events) {
        const secret = await secrets.revoke(key, revocation, events)
        if (secret === undefined) await staticTokens.revoke(key, revocation, events)
        return secret
      },
    })),
  },
  {
    bug: 'remembers what stood behind a static token',
    caughtBy: 'staticTokens.findByDigest MUST never answer what stood before a change',
    sabotage: inTokens((tokens) => {
      const remembered = new Map<string, StaticTokenStanding | undefined>()
      return {
        async findByDigest(digests, now) {
          const name = digests.map(({ value }) => value).join()
          const standing = remembered.get(name) ?? (await tokens.findByDigest(digests, now))
          remembered.set(name, standing)
          return standing
        },
      }
    }),
  },
  {
    bug: 'hides what ended, so that nobody learns why',
    caughtBy: 'staticTokens.findByDigest MUST answer a token that opens nothing any more',
    sabotage: inTokens((tokens) => ({
      async findByDigest(digests, now) {
        const standing = await tokens.findByDigest(digests, now)
        return standing && refuseStaticToken(standing.token, now) ? undefined : standing
      },
    })),
  },
  {
    bug: 'looks at one digest only',
    caughtBy: 'staticTokens.findByDigest MUST answer what stands, in one read',
    sabotage: inTokens((tokens) => ({
      findByDigest: (digests, now) => tokens.findByDigest(digests.slice(0, 1), now),
    })),
  },
  {
    bug: 'counts uses of a static token across an await',
    caughtBy: USE_AT_ONCE,
    sabotage: inTokens((tokens) => ({
      async use(use, now, events) {
        const token = await tokens.find(use.organization, use.id)
        await tick()
        if (token === undefined || token.uses >= (token.maxUses ?? 0)) return 'token_exhausted'
        await tokens.use(use, now, events)
        return undefined
      },
    })),
  },
  {
    bug: 'counts uses of an expired static token',
    caughtBy:
      'staticTokens.use MUST answer the reason where the token is revoked or expired at `now`',
    sabotage: inTokens((tokens) => ({
      use: (use, now, events) => tokens.use(use, later(now, -1), events),
    })),
  },
  {
    bug: 'uses the static token of any organization',
    caughtBy: 'staticTokens.use MUST NOT use what another organization has',
    sabotage: inTokens((tokens) => {
      const owners = new Map<string, string>()
      return {
        insert(token, digest, events) {
          owners.set(token.id, token.organization)
          return tokens.insert(token, digest, events)
        },
        use: (use, now, events) =>
          tokens.use({ ...use, organization: owners.get(use.id) ?? '' }, now, events),
      }
    }),
  },
  {
    bug: 'keeps the old digest of a static token',
    caughtBy: REDIGEST,
    sabotage: inTokens((tokens) => ({
      use: ({ redigest: _, ...use }, now, events) => tokens.use(use, now, events),
    })),
  },
  {
    bug: 'renames what another organization has',
    caughtBy:
      'staticTokens.rename MUST change the name alone, and answer undefined for a token that is not there',
    sabotage: inTokens((tokens) => {
      const owners = new Map<string, string>()
      return {
        insert(token, digest, events) {
          owners.set(token.id, token.organization)
          return tokens.insert(token, digest, events)
        },
        rename: ({ id }, name, events) =>
          tokens.rename({ organization: owners.get(id) ?? '', id }, name, events),
      }
    }),
  },
  {
    bug: 'revokes all tokens of the identity, the revoked ones again',
    caughtBy:
      'staticTokens.revokeAll MUST revoke every token of the identity that is not revoked yet, and answer how many',
    sabotage: inTokens((tokens, { outbox }) => ({
      async revokeAll(filter, revocation, events) {
        await tokens.revokeAll(filter, revocation, [])
        await outbox.append(events)
        return (await tokens.page({ filter, order: 'id', limit: 100 })).rows.length
      },
    })),
  },
  {
    bug: 'takes any method for the one of a static token',
    caughtBy:
      'logins.find MUST answer undefined without an identity where no credential of this method is named',
    sabotage: withBug(({ logins }) => ({
      logins: {
        ...logins,
        async find(query, now) {
          const asToken = query.identity === undefined ? { ...query, method: 'token' } : query
          return logins.find(asToken, now)
        },
      },
    })),
  },
  {
    bug: 'counts no use of a static token that opens a login',
    caughtBy: 'logins.grant MUST count a use of a static token, up to `maxUses`',
    sabotage: withBug(({ logins }) => ({
      logins: {
        ...logins,
        grant(grant, now, events) {
          const charges = grant.charges.filter(
            (charge) => charge.kind !== 'use' || !charge.credential.startsWith('stk_'),
          )
          return logins.grant({ ...grant, charges }, now, events)
        },
      },
    })),
  },
]

const ROTATE =
  'clientSecrets.rotate MUST store the successor and end the replaced secret at `endsAt` in one step'
const ENDED =
  'clientSecrets.endedOverlaps MUST list exactly the replaced secrets that expired by `now` and are neither revoked nor noted'

export const rotationSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'takes the old secret away at once',
    caughtBy: ROTATE,
    sabotage: inSecrets((secrets) => ({
      async rotate(rotation, events) {
        const rotated = await secrets.rotate(rotation, events)
        const { organization, id } = rotation
        if (rotated) await secrets.remove({ organization, id }, [])
        return rotated
      },
    })),
  },
  {
    bug: 'lets the old secret live for ever',
    caughtBy: ROTATE,
    sabotage: inSecrets((secrets) => ({
      rotate: ({ successor, digest }, events) => secrets.insert(successor, digest, events),
    })),
  },
  {
    bug: 'lets a rotation prolong the old secret',
    caughtBy: 'clientSecrets.rotate MUST never end a secret later than before',
    sabotage: inSecrets((secrets) => {
      const ends = new Map<string, Date>()
      return {
        rotate(rotation, events) {
          ends.set(rotation.id, rotation.endsAt)
          return secrets.rotate(rotation, events)
        },
        async find(organization, id) {
          const secret = await secrets.find(organization, id)
          const expiresAt = ends.get(id)
          return secret && { ...secret, ...(expiresAt && { expiresAt }) }
        },
      }
    }),
  },
  {
    bug: 'replaces a revoked secret',
    caughtBy:
      'clientSecrets.rotate MUST answer false and change nothing where the secret is revoked',
    sabotage: inSecrets((secrets) => ({
      async rotate(rotation, events) {
        if (await secrets.rotate(rotation, events)) return true
        return secrets.insert(rotation.successor, rotation.digest, events)
      },
    })),
  },
  {
    bug: 'looks whether a secret was replaced, then replaces it',
    caughtBy: 'clientSecrets.rotate MUST succeed once, however many rotate at once',
    sabotage: inSecrets((secrets) => ({
      async rotate(rotation, events) {
        const { organization, id, successor, digest } = rotation
        const stored = await secrets.find(organization, id)
        await tick()
        if (stored === undefined || stored.replacedBy !== undefined) return false
        const rotated = await secrets.rotate(rotation, events)
        return rotated || secrets.insert(successor, digest, events)
      },
    })),
  },
  {
    bug: 'tells of the end of what was revoked',
    caughtBy: ENDED,
    sabotage: inSecrets((secrets) => {
      const replaced = new Map<string, ClientSecret['organization']>()
      return {
        rotate(rotation, events) {
          replaced.set(rotation.id, rotation.organization)
          return secrets.rotate(rotation, events)
        },
        async endedOverlaps(now, limit) {
          const found = await Promise.all(
            [...replaced].map(([id, organization]) => secrets.find(organization, id)),
          )
          return found
            .filter((secret) => secret !== undefined)
            .filter(({ expiresAt = now }) => expiresAt <= now)
            .slice(0, limit)
        },
      }
    }),
  },
  {
    bug: 'writes the end of an overlap on every node',
    caughtBy:
      'clientSecrets.noteEnd MUST write its events once, however many nodes note the same end',
    sabotage: inSecrets((secrets, { outbox }) => ({
      async noteEnd(secret, events) {
        await secrets.noteEnd(secret, [])
        await outbox.append(events)
        return true
      },
    })),
  },
  {
    bug: 'takes the last use for the first',
    caughtBy:
      'clientSecrets.record MUST add uses where nothing limits them, and keep the first and the last use',
    sabotage: inSecrets((secrets) => ({
      record: (statistics) =>
        secrets.record(
          statistics.map((statistic) => ({ ...statistic, firstUsedAt: statistic.lastUsedAt })),
        ),
    })),
  },
]
