/** What changed, so that whoever remembers something of it forgets. */
export type Invalidation = Change & {
  /** The node that changed it, which has forgotten it already. */
  readonly from?: string
  /** When it was sent by that node's corrected clock, in milliseconds since 1970: a number, for it travels as text. */
  readonly at?: number
}

type Change =
  /** An identity, its auth methods, or what it logs in with. */
  | { readonly kind: 'identity'; readonly organization: string; readonly id: string }
  /** What a user of the host holds. */
  | { readonly kind: 'user'; readonly organization: string; readonly id: string }
  /** A stored role, whoever holds it. */
  | { readonly kind: 'role'; readonly organization: string; readonly id: string }
  /** One login. */
  | { readonly kind: 'session'; readonly organization: string; readonly id: string }
  | { readonly kind: 'organization'; readonly id: string }
  /** The signing keys. */
  | { readonly kind: 'keys' }
  /** Nobody knows what: a connection was lost. */
  | { readonly kind: 'everything' }

/**
 * Carries invalidations between the nodes of a deployment. It only ever takes knowledge away, so a message that is lost
 * or repeated costs freshness within `cacheTtl`, never correctness.
 *
 * 1. `publish` MUST reach the subscribers of its own node before it resolves.
 * 2. `subscribe` MUST deliver `everything` after each gap in the connection.
 * 3. The function that `subscribe` answers MUST end the delivery.
 * 4. `publishWithin` MUST reach the subscribers of every node, its own too, when the transaction has committed, and nobody
 *    where it is rolled back.
 * 5. `publish` MUST carry `from` and `at` as they are.
 * 6. `probe` MUST reject where nothing can be sent, and change nothing.
 */
export interface InvalidationChannel {
  publish(invalidation: Invalidation): Promise<void>
  subscribe(listener: (invalidation: Invalidation) => void): Promise<() => void>
  /** Publishes as a part of the host's own open transaction; absent where the channel shares no database with a host. */
  publishWithin?(transaction: unknown, invalidation: Invalidation): Promise<void>
  /** Asks whatever carries the messages; absent where that is not a thing of its own. */
  probe?(): Promise<unknown>
}
