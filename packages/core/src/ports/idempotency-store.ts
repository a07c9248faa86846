/** What is kept of a creating request: what it said, as a digest, and what became of it once that is known. */
export interface KeptRequest {
  readonly fingerprint: string
  /** When it may be forgotten. */
  readonly until: Date
  readonly made?: MadeAnswer
}

/** What a creating request made: its answer as JSON, or, where that held a secret, the id of the thing alone. */
export type MadeAnswer = { readonly answer: string } | { readonly id: string }

/**
 * Keeps creating requests by their `Idempotency-Key`, so that one that comes again makes nothing twice.
 *
 * 1. `begin` MUST keep a request where nothing stands under its name that is not over at `now`, answer what stands there
 *    otherwise, and do so in one step: of any number at once, one keeps its request and the others are told of it.
 * 2. `finish` MUST change nothing but a request of that name and fingerprint that is not finished.
 * 3. `forget` MUST take away nothing but a request of that name and fingerprint that is not finished.
 */
export interface IdempotencyStore {
  begin(name: string, request: KeptRequest, now: Date): Promise<KeptRequest | undefined>
  finish(name: string, request: Required<KeptRequest>): Promise<void>
  forget(name: string, fingerprint: string): Promise<void>
}
