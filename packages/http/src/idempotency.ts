import { systemClock } from '@countersign/core/plugin'

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
 * 1. `begin` MUST keep a request where nothing stands under its name that is not over, answer what stands there otherwise,
 *    and do so in one step: of two at once, one is told of the other.
 * 2. `finish` and `forget` MUST change nothing but what `begin` kept under that name.
 */
export interface IdempotencyStore {
  begin(name: string, request: KeptRequest): Promise<KeptRequest | undefined>
  finish(name: string, request: KeptRequest): Promise<void>
  forget(name: string): Promise<void>
}

/** How much one node keeps, and by which clock. */
export interface MemoryIdempotencyOptions {
  /** Requests at the most, the oldest of which make room; 4096 by default. */
  readonly most?: number
  readonly clock?: () => Date
}

/** Keeps creating requests in the memory of one node: a repetition that reaches another node is a new request there. */
export function memoryIdempotency({
  most = 4096,
  clock = systemClock,
}: MemoryIdempotencyOptions = {}): IdempotencyStore {
  const kept = new Map<string, KeptRequest>()
  return {
    async begin(name, request) {
      const standing = kept.get(name)
      if (standing !== undefined && clock() < standing.until) return standing
      kept.delete(name)
      const [oldest] = kept.size >= most ? kept.keys() : []
      if (oldest !== undefined) kept.delete(oldest)
      kept.set(name, request)
      return undefined
    },
    async finish(name, request) {
      if (kept.has(name)) kept.set(name, request)
    },
    async forget(name) {
      kept.delete(name)
    },
  }
}
