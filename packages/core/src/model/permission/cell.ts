import type { CompiledPermissions } from './compile-rules.ts'

/** What a node knows of one subject's permissions; every handle of that subject reads the same cell. */
export interface Cell {
  /** Compiled when it is first asked for. */
  readonly compiled: CompiledPermissions
  /** When the authority was asked, in milliseconds; `undefined` where nobody needs to be asked. */
  readonly askedAt?: number
  /** Something may have changed elsewhere. */
  readonly stale: boolean
}

/** How long cells may be believed, in seconds. */
export interface Freshness {
  /** A cell of which something may have changed. */
  readonly cacheTtl: number
  /** Any cell. */
  readonly principalTtl: number
}

/** Tells whether a cell may still be believed at an instant. */
export function isFresh({ askedAt, stale }: Cell, limits: Freshness, now: Date): boolean {
  if (askedAt === undefined) return true
  const age = now.getTime() - askedAt
  return age < limits.principalTtl * 1000 && (!stale || age < limits.cacheTtl * 1000)
}
