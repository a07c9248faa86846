import type { SinkPlaces } from '@countersign/core/plugin'
import type { StorageSaboteur } from './saboteur.ts'
import { tick } from './saboteur.ts'

/** Puts a bug into the places of sinks. */
function inPlaces(
  change: (places: SinkPlaces) => Partial<SinkPlaces>,
): StorageSaboteur['sabotage'] {
  return (storage) => ({
    ...storage,
    sinkPlaces: { ...storage.sinkPlaces, ...change(storage.sinkPlaces) },
  })
}

const ONE_HOLDER =
  'sinkPlaces.claim MUST answer the place, and keep everybody else from it until its end'

export const sinkPlaceSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'begins at the first event',
    caughtBy: 'sinkPlaces.placeOf MUST answer 0 for a sink that nobody has fed',
    sabotage: inPlaces((places) => ({
      placeOf: async (sink) => Math.max(1, await places.placeOf(sink)),
    })),
  },
  {
    bug: 'moves a place backwards',
    caughtBy: "sinkPlaces.advance MUST never move a sink's place backwards",
    sabotage: inPlaces(() => {
      const moved = new Map<string, number>()
      return {
        advance: async (sink, position) => void moved.set(sink, position),
        placeOf: async (sink) => moved.get(sink) ?? 0,
      }
    }),
  },
  {
    bug: 'lets everybody feed a sink',
    caughtBy: ONE_HOLDER,
    sabotage: inPlaces((places) => ({ claim: ({ sink }) => places.placeOf(sink) })),
  },
  {
    bug: 'lets a claim last a second too long',
    caughtBy: ONE_HOLDER,
    sabotage: inPlaces((places) => ({
      claim: ({ until, ...claim }, now) =>
        places.claim({ ...claim, until: new Date(until.getTime() + 1000) }, now),
    })),
  },
  {
    bug: 'has one claim for all sinks',
    caughtBy: ONE_HOLDER,
    sabotage: inPlaces((places) => ({
      async claim(claim, now) {
        const place = await places.claim({ ...claim, sink: 'any' }, now)
        return place === undefined ? undefined : places.placeOf(claim.sink)
      },
    })),
  },
  {
    bug: 'looks whether a sink is claimed, then claims it',
    caughtBy: 'sinkPlaces.claim MUST answer one, however many claim at once',
    sabotage: inPlaces((places) => {
      const claimed = new Set<string>()
      return {
        async claim({ sink }) {
          if (claimed.has(sink)) return undefined
          await tick()
          claimed.add(sink)
          return places.placeOf(sink)
        },
      }
    }),
  },
  {
    bug: "refuses to extend a holder's own claim",
    caughtBy: "sinkPlaces.claim MUST extend a claim of the holder's own",
    sabotage: inPlaces((places) => {
      let calls = 0
      return {
        claim(claim, now) {
          calls += 1
          return places.claim({ ...claim, holder: `${claim.holder} ${calls}` }, now)
        },
      }
    }),
  },
  {
    bug: "releases anybody's claim",
    caughtBy: "sinkPlaces.release MUST end a claim of this holder, and nobody else's",
    sabotage: inPlaces((places) => ({
      async release(sink) {
        for (const holder of ['one', 'other']) await places.release(sink, holder)
      },
    })),
  },
]
