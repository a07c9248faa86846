import type { Event, SealedEvent, Sealing, Storage, Trail } from '@countersign/core/plugin'
import type { StorageSaboteur } from './saboteur.ts'
import { tick, withBug } from './saboteur.ts'

/** Puts a bug into the trail. */
function inTrail(
  change: (trail: Trail, storage: Storage) => Partial<Trail>,
): StorageSaboteur['sabotage'] {
  return (storage) => ({
    ...storage,
    trail: { ...storage.trail, ...change(storage.trail, storage) },
  })
}

const APPEND =
  'outbox.append MUST keep events as they are, in order, until they are sealed and from then on'
const VOID =
  'trail.seal MUST answer false and change nothing where another position is the last by now'
const PAGE = 'trail.page MUST show each matching event once, the newest first'

export const trailSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'turns events round',
    caughtBy: APPEND,
    sabotage: withBug(({ outbox }) => ({
      outbox: { ...outbox, append: (events) => outbox.append([...events].reverse()) },
    })),
  },
  {
    bug: 'keeps whole seconds only',
    caughtBy: APPEND,
    sabotage: withBug(({ outbox }) => ({
      outbox: {
        ...outbox,
        append: (events) =>
          outbox.append(
            events.map((event) => ({
              ...event,
              at: new Date(Math.floor(+event.at / 1000) * 1000),
            })),
          ),
      },
    })),
  },
  {
    bug: 'loses a reason',
    caughtBy: APPEND,
    sabotage: withBug(({ outbox }) => ({
      outbox: {
        ...outbox,
        append: (events) => outbox.append(events.map(({ reason: _, ...event }) => event)),
      },
    })),
  },
  {
    bug: 'stores the event that it was handed',
    caughtBy: 'outbox.append MUST NOT let the caller change what is stored',
    sabotage: (storage) => {
      const handed: Event[] = []
      return {
        ...storage,
        outbox: {
          ...storage.outbox,
          async append(events) {
            handed.push(...events)
            await storage.outbox.append(events)
          },
        },
        trail: {
          ...storage.trail,
          async open(limit) {
            const { events, ...batch } = await storage.trail.open(limit)
            const same = events.map((open, place) => ({
              ...open,
              event: handed[place] ?? open.event,
            }))
            return { ...batch, events: same }
          },
        },
      }
    },
  },
  {
    bug: 'locks its outbox for a whole transaction',
    caughtBy: 'outbox.append MUST NOT make writers wait for each other',
    sabotage: (storage) => {
      let isLocked = false
      return {
        ...storage,
        outbox: {
          ...storage.outbox,
          async append(events) {
            if (!isLocked) await storage.outbox.append(events)
          },
        },
        async transaction(run) {
          isLocked = true
          return storage.transaction(run).finally(() => {
            isLocked = false
          })
        },
      }
    },
  },
  {
    bug: 'opens the newest first',
    caughtBy: 'trail.open MUST answer what is committed, an older event first',
    sabotage: inTrail((trail) => ({
      async open(limit) {
        const batch = await trail.open(limit)
        return { ...batch, events: [...batch.events].reverse() }
      },
    })),
  },
  {
    bug: 'passes over what commits behind a younger event',
    caughtBy: 'trail.open MUST answer every event, one of a slow transaction as well',
    sabotage: inTrail((trail) => {
      let last = ''
      return {
        async open(limit) {
          const batch = await trail.open(limit)
          const events = batch.events.filter(({ event }) => event.id > last)
          last = events.at(-1)?.event.id ?? last
          return { ...batch, events }
        },
      }
    }),
  },
  {
    bug: 'forgets the chain of no organization',
    caughtBy:
      'trail.open MUST answer the last position, its instant, and the heads of their chains',
    sabotage: inTrail((trail) => ({
      async open(limit) {
        const batch = await trail.open(limit)
        return { ...batch, heads: batch.heads.filter(({ organization }) => organization) }
      },
    })),
  },
  {
    bug: 'leaves sealed events in the outbox',
    caughtBy: 'trail.seal MUST move the events from the outbox into their chains in one step',
    sabotage: inTrail((trail) => ({
      open: async (limit) => {
        const batch = await trail.open(limit)
        const sealed = await trail.read(0, limit)
        const again = sealed.map(({ position, event }) => ({ entry: `${position}`, event }))
        return { ...batch, events: [...again, ...batch.events] }
      },
    })),
  },
  {
    bug: 'seals behind whatever stands there',
    caughtBy: VOID,
    sabotage: inTrail((trail) => ({
      async seal(sealing) {
        const { position } = await trail.open(1)
        return trail.seal({ ...sealing, after: position })
      },
    })),
  },
  {
    bug: 'seals what is not open',
    caughtBy:
      'trail.seal MUST answer false and change nothing where one of the events is not open any more',
    sabotage: inTrail((trail) => ({
      async seal(sealing) {
        if (await trail.seal(sealing)) return true
        return trail.seal(await withOpen(trail, sealing))
      },
    })),
  },
  {
    bug: 'reads the last position, then seals',
    caughtBy: 'trail.seal MUST answer true to one, however many seal at once',
    sabotage: inTrail((trail) => ({
      async seal(sealing) {
        const { position } = await trail.open(1)
        await tick()
        if (position !== sealing.after) return false
        await trail.seal(sealing)
        return true
      },
    })),
  },
  {
    bug: 'reads the last event again',
    caughtBy: 'trail.read MUST answer sealed events behind a position, in order',
    sabotage: inTrail((trail) => ({
      read: (after, limit) => trail.read(Math.max(0, after - 1), limit),
    })),
  },
  {
    bug: 'reads only full pages',
    caughtBy: 'trail.read MUST skip none and repeat none while others write and seal',
    sabotage: inTrail((trail) => ({
      async read(after, limit) {
        const sealed = await trail.read(after, limit)
        return sealed.length < limit ? [] : sealed
      },
    })),
  },
  {
    bug: 'hands out what it stores',
    caughtBy: 'trail.read MUST NOT let the reader change what is stored',
    sabotage: inTrail((trail) => {
      let stored: readonly SealedEvent[] | undefined
      return {
        async read(after, limit) {
          stored ??= await trail.read(after, limit)
          return stored
        },
      }
    }),
  },
]

/** Lets only what is still open be sealed, at the places that are next. */
async function withOpen(trail: Trail, sealing: Sealing): Promise<Sealing> {
  const { position, events } = await trail.open(1000)
  const open = new Set(events.map(({ entry }) => entry))
  return {
    ...sealing,
    after: position,
    events: sealing.events.filter(({ entry }) => open.has(entry)),
  }
}

export const chainSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'shows links of all chains',
    caughtBy: 'trail.links MUST answer one chain behind an index, in order, and nothing of another',
    sabotage: inTrail((trail) => ({
      links: (_organization, after, limit) => trail.read(after, limit),
    })),
  },
  {
    bug: 'counts what is open in all chains',
    caughtBy: 'trail.chain MUST answer how one chain stands, and how many of its events are open',
    sabotage: inTrail((trail) => ({
      async chain(organization) {
        const { events } = await trail.open(1000)
        return { ...(await trail.chain(organization)), open: events.length }
      },
    })),
  },
  {
    bug: 'sorts organizations as people do',
    caughtBy:
      'trail.organizations MUST name each organization that has a chain once, by code point',
    sabotage: inTrail((trail) => ({
      organizations: async (after, limit) =>
        [...(await trail.organizations(after, limit))].sort((one, other) =>
          one.localeCompare(other),
        ),
    })),
  },
  {
    bug: 'shows the oldest first',
    caughtBy: PAGE,
    sabotage: inTrail((trail) => ({
      page: async (query) => [...(await trail.page(query))].reverse(),
    })),
  },
  {
    bug: 'looks for an identity among actors only',
    caughtBy: PAGE,
    sabotage: inTrail((trail) => ({
      async page(query) {
        const { identity, ...filter } = query.filter
        const page = await trail.page({ ...query, filter })
        return page.filter(
          ({ event: { actor } }) =>
            identity === undefined || (actor.kind === 'identity' && actor.id === identity),
        )
      },
    })),
  },
  {
    bug: 'shows the last event of a page again',
    caughtBy: PAGE,
    sabotage: inTrail((trail) => ({
      page: ({ before, ...query }) =>
        trail.page({ ...query, ...(before !== undefined && { before: before + 1 }) }),
    })),
  },
  {
    bug: 'shows all organizations',
    caughtBy: 'trail.page MUST NOT show anything of another organization',
    sabotage: inTrail((trail) => ({
      page: async ({ limit }) => [...(await trail.read(0, limit))].reverse(),
    })),
  },
]

const MANY =
  'trail.unchecked MUST answer the chains with so many events behind their checkpoint, and only those'
const SINCE =
  'trail.unchecked MUST answer the chains whose oldest event behind the checkpoint is of `since` or before'
const CUT =
  'trail.unchecked MUST answer as `cut` the last of the leading events that were sealed before `forgetBefore`'

export const checkpointSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'waits for one event more',
    caughtBy: MANY,
    sabotage: inTrail((trail) => ({
      unchecked: (need, limit) => trail.unchecked({ ...need, events: need.events + 1 }, limit),
    })),
  },
  {
    bug: 'forgets the last checkpoint',
    caughtBy: MANY,
    sabotage: inTrail((trail) => ({
      unchecked: async (need, limit) =>
        (await trail.unchecked(need, limit)).map(({ checkpoint: _, ...chain }) => chain),
    })),
  },
  {
    bug: 'waits a moment too long',
    caughtBy: SINCE,
    sabotage: inTrail((trail) => ({
      unchecked: ({ since, ...need }, limit) =>
        trail.unchecked({ ...need, since: new Date(since.getTime() - 1) }, limit),
    })),
  },
  {
    bug: 'believes any key',
    caughtBy: 'trail.unchecked MUST answer the chains whose checkpoint is signed by another key',
    sabotage: inTrail((trail) => ({
      unchecked: ({ kid: _, ...need }, limit) => trail.unchecked(need, limit),
    })),
  },
  {
    bug: 'keeps the first checkpoint',
    caughtBy: 'trail.checkpoint MUST put a checkpoint in the place of one that reaches no further',
    sabotage: inTrail((trail) => ({
      async checkpoint(checkpoint) {
        const { checkpoint: standing } = await trail.chain(checkpoint.organization)
        return standing === undefined ? trail.checkpoint(checkpoint) : true
      },
    })),
  },
  {
    bug: 'lets the last checkpoint win',
    caughtBy: 'trail.checkpoint MUST answer false and change nothing where one reaches further',
    sabotage: inTrail((trail) => ({
      checkpoint: async (checkpoint) => (await trail.checkpoint(checkpoint)) || true,
    })),
  },
  {
    bug: 'cuts at the head',
    caughtBy: CUT,
    sabotage: inTrail((trail) => ({
      unchecked: async (need, limit) =>
        (await trail.unchecked(need, limit)).map((chain) => ({ ...chain, cut: chain.head })),
    })),
  },
  {
    bug: 'cuts what was sealed at the very instant',
    caughtBy: 'trail.unchecked MUST NOT answer as `cut` what was sealed at `forgetBefore` or later',
    sabotage: inTrail((trail) => ({
      unchecked({ forgetBefore, ...need }, limit) {
        if (forgetBefore === undefined) return trail.unchecked(need, limit)
        const late = new Date(forgetBefore.getTime() + 1)
        return trail.unchecked({ ...need, forgetBefore: late }, limit)
      },
    })),
  },
  {
    bug: 'forgets what no checkpoint lets go',
    caughtBy:
      "trail.forget MUST NOT forget an event that is behind the anchor of its chain's checkpoint",
    sabotage: inTrail((trail) => {
      let isForgotten = false
      return {
        async forget(before) {
          isForgotten = true
          return trail.forget(before)
        },
        links: async (organization, after, limit) =>
          isForgotten ? [] : trail.links(organization, after, limit),
      }
    }),
  },
  {
    bug: 'forgets a day too much',
    caughtBy: 'trail.forget MUST NOT forget what was sealed at `before` or later',
    sabotage: inTrail((trail) => ({
      forget: (before) => trail.forget(new Date(before.getTime() + 86_400_000)),
    })),
  },
  {
    bug: 'forgets nothing, ever',
    caughtBy:
      'trail.forget MUST forget what was sealed 31 days before `before`, and answer how many',
    sabotage: inTrail(() => ({ forget: async () => 0 })),
  },
]
