import type { ChainLink, Checkpoint, SealedEvent } from '../model/chain.ts'
import type { Event, EventType } from '../model/event.ts'

/** An event that is committed and not sealed yet. */
export interface OpenEvent {
  /** Names the row in the outbox; two rows may hold the same event. */
  readonly entry: string
  readonly event: Event
}

/** The last link of a chain. */
export interface ChainHead extends ChainLink {
  readonly organization?: string
}

/** What a sequencer works on, all of it as of one instant. */
export interface OpenBatch {
  /** The position of the last sealed event; 0 where there is none. */
  readonly position: number
  /** When that event was sealed. */
  readonly sealedAt?: Date
  readonly events: readonly OpenEvent[]
  /** The heads of the chains that these events belong to; a chain without events has none. */
  readonly heads: readonly ChainHead[]
}

/** An event on its way from the outbox into its chain. */
export interface Sealed extends SealedEvent, OpenEvent {}

/** One step of the sequencer. */
export interface Sealing {
  /** The position that was read; another one by now makes this sealing void. */
  readonly after: number
  /** Never before the last sealing's. */
  readonly at: Date
  /** In the order of their positions, which go on from `after`. */
  readonly events: readonly Sealed[]
}

/** What stands of one chain. */
export interface Chain {
  /** The last link; `CHAIN_START` where there is none. */
  readonly head: ChainLink
  /** The newest checkpoint. What its anchor lets go may be missing. */
  readonly checkpoint?: Checkpoint
  /** How many events are committed and not sealed yet. */
  readonly open: number
}

/** Which chains need a checkpoint; one condition is enough. */
export interface CheckpointNeed {
  /** So many events behind the last checkpoint, or more. */
  readonly events: number
  /** The oldest event behind the last checkpoint was sealed at this instant or before it. */
  readonly since: Date
  /** There are events that were sealed before this instant and are behind the anchor; what a `cut` MAY leave out makes no need. */
  readonly forgetBefore?: Date
  /** The last checkpoint is signed by any other key. */
  readonly kid?: string
}

/** A chain that needs a checkpoint. */
export interface UncheckedChain {
  readonly organization?: string
  readonly head: ChainLink
  readonly checkpoint?: Checkpoint
  /** How far the chain may be forgotten, where that is farther than its anchor. */
  readonly cut?: ChainLink
}

/** Selects sealed events of one chain; every given member must match. */
export interface TrailFilter {
  /** Absent for the events that belong to no organization. */
  readonly organization?: string
  /** An identity that the event is by or about, as `identitiesOf` tells. */
  readonly identity?: string
  readonly type?: EventType
  /** Events of this instant or later. */
  readonly since?: Date
  /** Events before this instant. */
  readonly until?: Date
}

/** One page of a chain, newest events first. */
export interface TrailQuery {
  readonly filter: TrailFilter
  /** Events before this index; all of them where absent. */
  readonly before?: number
  readonly limit: number
}

/**
 * The audit trail: events that were moved from the outbox into chains, one for each organization and one for the events
 * of none. The engine gives places, hashes and signs; a storage keeps, and moves in one step. No verb of it takes part in a
 * transaction.
 *
 * 1. `open` MUST answer every event that is committed and not sealed, an older one first: an event that was committed
 *    before another was appended stands before it, and those of one write stand in their order.
 * 2. `open` MUST answer with them the last position, its instant, and the heads of their chains.
 * 3. `seal` MUST move the events from the outbox into their chains in one step, and answer true.
 * 4. `seal` MUST answer false and change nothing where another position is the last by now, or one of the events is not
 *    open any more. However many nodes seal at once, one does.
 * 5. `read` MUST answer sealed events behind a position, in order, and skip none that could still appear.
 * 6. `links` MUST answer what stands in one chain behind an index, in the order of indices, and nothing of another chain.
 * 7. `chain` MUST answer how one chain stands, and how many of its events are open.
 * 8. `organizations` MUST name each organization that has a chain once, by code point, whatever `limit` cuts it into.
 * 9. `page` MUST show each matching event once, the newest first, and nothing of another organization.
 * 10. `unchecked` MUST answer the chains that meet a condition of the need, and only those.
 * 11. `unchecked` MUST answer as `cut` the last of the leading events that were all sealed before `forgetBefore`, and no
 *     `cut` at or before the anchor. It MAY stop short of events that were sealed less than 31 days before it.
 * 12. `checkpoint` MUST put a checkpoint in the place of one that reaches no further at either end, and answer false and
 *     change nothing where one reaches further.
 * 13. `forget` MUST NOT forget an event that is behind the anchor of its chain's checkpoint, or was sealed at `before` or
 *     later.
 * 14. `forget` MUST forget the others that were sealed 31 days before `before`, in passes of any size, and answer how many;
 *     it MAY keep younger ones.
 */
export interface Trail {
  open(limit: number): Promise<OpenBatch>
  seal(sealing: Sealing): Promise<boolean>
  read(after: number, limit: number): Promise<readonly SealedEvent[]>
  links(
    organization: string | undefined,
    after: number,
    limit: number,
  ): Promise<readonly SealedEvent[]>
  chain(organization: string | undefined): Promise<Chain>
  organizations(after: string | undefined, limit: number): Promise<readonly string[]>
  page(query: TrailQuery): Promise<readonly SealedEvent[]>
  unchecked(need: CheckpointNeed, limit: number): Promise<readonly UncheckedChain[]>
  checkpoint(checkpoint: Checkpoint): Promise<boolean>
  forget(before: Date): Promise<number>
}
