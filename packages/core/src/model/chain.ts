import { chainHash, NO_HASH } from '../lib/hash-chain.ts'
import type { Event } from './event.ts'

/** A place in the chain of one organization, and the hash of everything up to it. */
export interface ChainLink {
  /** 1 for the first event of the chain, without gaps from then on. */
  readonly index: number
  readonly hash: string
}

/** An event in its chain, and at its place among all that were sealed. */
export interface SealedEvent extends ChainLink {
  /** 1 for the first event of the deployment, without gaps from then on: the order that sinks see. */
  readonly position: number
  readonly event: Event
}

/** What the deployment signed about one chain: from where to where it reached at an instant. */
export interface Checkpoint extends ChainLink {
  /** Absent for the chain of the events that belong to no organization. */
  readonly organization?: string
  readonly at: Date
  /** The last link that retention let go; `CHAIN_START` where every event is kept. */
  readonly anchor: ChainLink
  /** The key that signed. */
  readonly kid: string
  /** All of it as a JWS in compact form: what a host keeps elsewhere. */
  readonly jws: string
}

/** Where every chain begins: in front of its first event. */
export const CHAIN_START: ChainLink = Object.freeze({ index: 0, hash: NO_HASH })

/** The link that an event makes behind another one. */
export function linkTo(previous: ChainLink, event: Event): ChainLink {
  return { index: previous.index + 1, hash: chainHash(previous.hash, event) }
}

/** The identities that an event is by or about: what the trail is searched by. */
export function identitiesOf({ actor, target, details }: Event): readonly string[] {
  const named = [
    actor.kind === 'identity' ? actor.id : undefined,
    target.kind === 'identity' ? target.id : undefined,
    typeof details?.['identity'] === 'string' ? details['identity'] : undefined,
  ]
  return [...new Set(named.filter((id) => id !== undefined))]
}
