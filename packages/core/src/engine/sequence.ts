import type { ChainLink } from '../model/chain.ts'
import { CHAIN_START, linkTo } from '../model/chain.ts'
import type { OpenBatch, Sealed } from '../ports/trail.ts'
import type { Parts } from './parts.ts'

/** Seals a batch of open events, and answers how many that were. */
export type Sequence = () => Promise<number>

/** Events sealed in one pass. */
export const SEALED_AT_ONCE = 500

/**
 * Creates the sequencer. Any number of nodes may run it: whoever is first moves the events, and the others, whose work is
 * void then, come back later.
 */
export function createSequence({ storage, clock }: Pick<Parts, 'storage' | 'clock'>): Sequence {
  return async () => {
    const batch = await storage.trail.open(SEALED_AT_ONCE)
    if (batch.events.length === 0) return 0
    const { position: after, sealedAt = new Date(0) } = batch
    const events = chain(batch)
    // Nodes differ by fractions of a second; what is sealed later must not look older.
    const at = new Date(Math.max(clock.now().getTime(), sealedAt.getTime()))
    return (await storage.trail.seal({ after, at, events })) ? events.length : 0
  }
}

/** Gives each event its place in the stream, and its link in the chain of its organization. */
function chain({ position, heads, events }: OpenBatch): readonly Sealed[] {
  const ends = new Map<string | undefined, ChainLink>(
    heads.map(({ organization, index, hash }) => [organization, { index, hash }]),
  )
  return events.map(({ entry, event }, offset) => {
    const link = linkTo(ends.get(event.organization) ?? CHAIN_START, event)
    ends.set(event.organization, link)
    return { entry, event, position: position + offset + 1, ...link }
  })
}
