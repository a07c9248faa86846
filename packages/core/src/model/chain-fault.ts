import { chainHash } from '../lib/hash-chain.ts'
import type { ChainLink, SealedEvent } from './chain.ts'
import type { EventId } from './event.ts'

/**
 * What is wrong with a chain.
 *
 * - `changed`: the event is not the one that was sealed here, or the one before it was taken out and the rest renumbered.
 * - `removed`: there is no event of this index, and there are later ones.
 * - `inserted`: the event was put in; without it the chain holds.
 * - `truncated`: from this index on, events that there were are missing.
 * - `rewritten`: the chain holds in itself, and is not the one that was signed; the first change is at or before this index.
 * - `forged`: the checkpoint that is stored is not signed by this deployment.
 */
export type ChainFaultKind =
  | 'changed'
  | 'removed'
  | 'inserted'
  | 'truncated'
  | 'rewritten'
  | 'forged'

/** The first thing that is wrong with a chain. */
export interface ChainFault {
  readonly kind: ChainFaultKind
  readonly index: number
  /** The event that stands there, where one does. */
  readonly event?: EventId
}

/** Says why an event does not go on from the link before it, with a look at the one behind it. */
export function refuseLink(
  previous: ChainLink,
  sealed: SealedEvent,
  next: SealedEvent | undefined,
): ChainFault | undefined {
  const { index, event } = sealed
  if (index > previous.index + 1) return { kind: 'removed', index: previous.index + 1 }
  if (index <= previous.index) return { kind: 'inserted', index, event: event.id }
  if (goesOn(previous, sealed)) return undefined
  const holdsWithout = next !== undefined && goesOn(previous, next)
  return { kind: holdsWithout ? 'inserted' : 'changed', index, event: event.id }
}

function goesOn(previous: ChainLink, { hash, event }: SealedEvent): boolean {
  return hash === hashOf(previous, event)
}

/** What somebody wrote past the engine may have no canonical form; then it has no hash. */
function hashOf({ hash }: ChainLink, event: unknown): string | undefined {
  try {
    return chainHash(hash, event)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
