import type { IdempotencyStore, KeptRequest } from '@countersign/core/plugin'

/** How much one node keeps. */
export interface MemoryIdempotencyOptions {
  /** Requests at the most, the oldest of which make room; 4096 by default. */
  readonly most?: number
}

/** Keeps creating requests in the memory of one node: a repetition that reaches another node is a new request there. */
export function memoryIdempotency({
  most = 4096,
}: MemoryIdempotencyOptions = {}): IdempotencyStore {
  const kept = new Map<string, KeptRequest>()
  const isOpen = (name: string, fingerprint: string): boolean => {
    const standing = kept.get(name)
    return standing?.fingerprint === fingerprint && standing.made === undefined
  }
  return {
    async begin(name, request, now) {
      const standing = kept.get(name)
      if (standing !== undefined && now < standing.until) return standing
      kept.delete(name)
      const [oldest] = kept.size >= most ? kept.keys() : []
      if (oldest !== undefined) kept.delete(oldest)
      kept.set(name, request)
      return undefined
    },
    async finish(name, request) {
      if (isOpen(name, request.fingerprint)) kept.set(name, request)
    },
    async forget(name, fingerprint) {
      if (isOpen(name, fingerprint)) kept.delete(name)
    },
  }
}
