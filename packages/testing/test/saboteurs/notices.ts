import type {
  CredentialStore,
  StaticToken,
  StaticTokenStore,
  Stores,
} from '@countersign/core/plugin'
import { later } from '@countersign/core/plugin'
import type { StorageSaboteur } from './saboteur.ts'
import { tick, withBug } from './saboteur.ts'

/** Puts a bug into the store of static tokens. */
function inTokens(change: (tokens: StaticTokenStore) => Partial<CredentialStore<StaticToken>>) {
  return withBug(({ staticTokens }) => ({
    staticTokens: { ...staticTokens, ...change(staticTokens) },
  }))
}

/** Puts a bug into the store of identities. */
function inIdentities(
  change: (identities: Stores['identities'], stores: Stores) => Partial<Stores['identities']>,
) {
  return withBug((stores) => ({
    identities: { ...stores.identities, ...change(stores.identities, stores) },
  }))
}

const COUNT =
  'staticTokens.expiring MUST count exactly the credentials of all organizations that open something, end within `within`, were made for longer and were not replaced'
const LIST =
  'staticTokens.expiring MUST list at most `limit` credentials, whose end was not noted `within` as many seconds or fewer'
const UNUSED = 'identities.unused MUST NOT list an identity that was noted after its last login'

export const noticeSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'warns a second too early',
    caughtBy: COUNT,
    sabotage: inTokens((tokens) => ({
      expiring: ({ within, now }, limit) => tokens.expiring({ within: within + 1, now }, limit),
    })),
  },
  {
    bug: 'warns of what has ended',
    caughtBy: COUNT,
    sabotage: inTokens((tokens) => ({
      expiring: ({ within, now }, limit) =>
        tokens.expiring({ within: within + 1, now: later(now, -1) }, limit),
    })),
  },
  {
    bug: 'lists again what was told',
    caughtBy: LIST,
    sabotage: inTokens(() => ({ noteExpiry: async () => true })),
  },
  {
    bug: 'warns but once, however near the end is',
    caughtBy: LIST,
    sabotage: inTokens((tokens) => ({
      noteExpiry: (key, _within, events) => tokens.noteExpiry(key, 0, events),
    })),
  },
  {
    bug: 'counts what it lists',
    caughtBy: LIST,
    sabotage: inTokens((tokens) => ({
      async expiring(query, limit) {
        const { untold } = await tokens.expiring(query, limit)
        return { count: untold.length, untold }
      },
    })),
  },
  {
    bug: 'tells of an end on every node',
    caughtBy:
      'staticTokens.noteExpiry MUST write its events once for each credential and `within`, however many nodes note it',
    sabotage: withBug(({ staticTokens, outbox }) => ({
      staticTokens: {
        ...staticTokens,
        async noteExpiry(key, within, events) {
          await outbox.append(events)
          return staticTokens.noteExpiry(key, within, [])
        },
      },
    })),
  },
  {
    bug: 'warns of what was taken back meanwhile',
    caughtBy:
      'staticTokens.noteExpiry MUST write no event where the credential is gone, revoked, replaced or of another organization',
    sabotage: withBug(({ staticTokens, outbox }) => ({
      staticTokens: {
        ...staticTokens,
        async noteExpiry(key, within, events) {
          if (await staticTokens.noteExpiry(key, within, events)) return true
          await outbox.append(events)
          return false
        },
      },
    })),
  },
  {
    bug: 'calls a login at that very instant no use',
    caughtBy:
      'identities.unused MUST list exactly the identities of all organizations that are enabled, and were made and last logged in before `since`',
    sabotage: inIdentities((identities) => ({
      unused: (since, limit) => identities.unused(later(since, 1), limit),
    })),
  },
  {
    bug: 'tells of an identity but once in its life',
    caughtBy: UNUSED,
    sabotage: inIdentities((identities) => ({
      noteUnused: (disuse, events) =>
        identities.noteUnused({ ...disuse, now: later(disuse.now, 1e6) }, events),
    })),
  },
  {
    bug: 'looks whether an identity was told of, then tells',
    caughtBy:
      'identities.noteUnused MUST write its events once for each time that an identity falls out of use, however many nodes note it',
    sabotage: inIdentities((identities, { outbox }) => ({
      async noteUnused(disuse, events) {
        const found = await identities.unused(disuse.since, 100)
        await tick()
        if (!found.some(({ id }) => id === disuse.id)) return false
        await identities.noteUnused(disuse, [])
        await outbox.append(events)
        return true
      },
    })),
  },
  {
    bug: 'believes what was read before',
    caughtBy:
      'identities.noteUnused MUST write no event where the identity is gone, disabled, of another organization, or logged in at or after `since`',
    sabotage: inIdentities((identities, { outbox }) => ({
      async noteUnused(disuse, events) {
        if (await identities.noteUnused(disuse, events)) return true
        await outbox.append(events)
        return true
      },
    })),
  },
  {
    bug: 'lets a mark stand for ever',
    caughtBy:
      'outbox.appendOnce MUST record its events only where no mark of the same key stands at `now`',
    sabotage: withBug(({ outbox }) => ({
      outbox: {
        ...outbox,
        appendOnce: (mark, _now, events) => outbox.appendOnce(mark, new Date(0), events),
      },
    })),
  },
  {
    bug: 'looks for a mark, then sets it',
    caughtBy: 'outbox.appendOnce MUST answer true to one, however many nodes ask at once',
    sabotage: withBug(({ outbox }) => {
      const marks = new Set<string>()
      return {
        outbox: {
          ...outbox,
          async appendOnce({ key }, _now, events) {
            if (marks.has(key)) return false
            await tick()
            marks.add(key)
            await outbox.append(events)
            return true
          },
        },
      }
    }),
  },
]
