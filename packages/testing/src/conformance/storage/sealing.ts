import assert from 'node:assert/strict'
import type { ChainLink, Event, OpenBatch, Sealing, Storage } from '@countersign/core/plugin'
import { CHAIN_START, linkTo } from '@countersign/core/plugin'
import { at } from './records.ts'
import type { World } from './world.ts'

/** What a sequencer makes of a batch: places in the stream, and links in the chains. */
export function sealingOf({ position, heads, events }: OpenBatch, sealedAt: Date = at(0)): Sealing {
  const ends = new Map<string | undefined, ChainLink>(
    heads.map(({ organization, index, hash }) => [organization, { index, hash }]),
  )
  return {
    after: position,
    at: sealedAt,
    events: events.map((open, offset) => {
      const { organization } = open.event
      const link = linkTo(ends.get(organization) ?? CHAIN_START, open.event)
      ends.set(organization, link)
      return { ...open, position: position + offset + 1, ...link }
    }),
  }
}

/** Seals everything that is open, and fails where that does not work. */
export async function sealAll({ trail }: Storage, sealedAt: Date = at(0)): Promise<void> {
  for (;;) {
    const batch = await trail.open(100)
    if (batch.events.length === 0) return
    assert.equal(await trail.seal(sealingOf(batch, sealedAt)), true)
  }
}

/** Makes events of an organization, or of none. */
export function eventsFor(
  { records }: World,
  count: number,
  given: Partial<Event> = {},
): readonly Event[] {
  return Array.from({ length: count }, () => ({ ...records.event(), ...given }))
}

/** Records events of one organization, and seals them all. */
export async function sealEvents(
  world: World,
  organization: string | undefined,
  count: number,
  sealedAt: Date = at(0),
): Promise<readonly Event[]> {
  const events = eventsFor(world, count, organization === undefined ? {} : { organization })
  await world.storage.outbox.append(events)
  await sealAll(world.storage, sealedAt)
  return events
}

/** The ids of some events, wherever they stand. */
export function idsOf(rows: readonly { readonly event: Event }[]): readonly string[] {
  return rows.map(({ event }) => event.id)
}
