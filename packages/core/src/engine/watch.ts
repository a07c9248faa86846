import type { Seconds } from '../lib/time.ts'
import type { CompiledPermissions } from '../model/permission/compile-rules.ts'
import { allHeld } from '../model/permission/compile-rules.ts'
import type { Principal } from '../model/permission/principal.ts'
import type { Invalidation } from '../ports/channel.ts'
import type { Grounds } from './handle.ts'
import type { Parts } from './parts.ts'
import { refuseGrounds } from './refuse-grounds.ts'

/** What became of a principal that somebody watched. */
export type WatchEnd =
  /** Its token ran out. */
  | 'expired'
  /** Its token, its login or its identity was taken away. */
  | 'revoked'
  /** What it may do is not what it was: ask again, or end what it was allowed. */
  | 'changed'
  /** Nobody wants to know any more. */
  | 'aborted'

/** Waits for the end of a principal, or of what it may do. */
export type Watch = (principal: Principal, signal: AbortSignal) => Promise<WatchEnd>

/** The longest wait for word of another node, in seconds: where no channel carries it, it is asked for. */
const LONGEST: Seconds = 30

/** Creates the watch over principals. It wakes at each end of a window, and whenever something changes that may matter. */
export function createWatch(parts: Parts): Watch {
  const { clock, cells, principals, runtime, onChange } = parts

  async function judge(
    grounds: Grounds,
    before: CompiledPermissions,
  ): Promise<WatchEnd | undefined> {
    const now = clock.now()
    const refusal = await refuseGrounds(parts, grounds, now)
    if (refusal !== undefined) return refusal === 'token_expired' ? 'expired' : 'revoked'
    return grounds.cell.compiled === before ? undefined : 'changed'
  }

  return async (principal, signal) => {
    const grounds = principals.groundsOf(principal)
    const { organization, subject, cell } = grounds
    const before = cell.compiled
    const edges = edgesOf(before).filter((edge) => edge > clock.now().getTime())
    while (!signal.aborted) {
      const wake = new AbortController()
      const stop = onChange((change) => {
        if (concerns(change, grounds)) wake.abort()
      })
      try {
        const end = await judge(grounds, before)
        if (end !== undefined) return end
        const now = clock.now().getTime()
        if (edges.some((edge) => now >= edge)) return 'changed'
        const next = Math.min(...edges, grounds.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY)
        const wait = Math.min(LONGEST, (next - now) / 1000)
        await runtime.pause(wait, AbortSignal.any([signal, wake.signal]))
        const isOld = cell.stale || !wake.signal.aborted
        if (cell.askedAt !== undefined && isOld) await cells.read(organization, subject)
      } finally {
        stop()
      }
    }
    return 'aborted'
  }
}

/** Whether a change may matter to a principal. */
function concerns(change: Invalidation, { organization, subject, shown }: Grounds): boolean {
  switch (change.kind) {
    case 'identity':
    case 'user':
      return change.id === subject.id && change.organization === organization
    case 'session':
      return shown?.kind === 'token' && change.id === shown.claims.sid
    case 'role':
      return change.organization === organization
    case 'organization':
      return change.id === organization
    case 'keys':
    case 'everything':
      return true
  }
}

/** The instants at which something begins or ends to be allowed. */
function edgesOf(compiled: CompiledPermissions): readonly number[] {
  return allHeld(compiled)
    .flatMap(({ opensAt, endsAt }) => [opensAt, endsAt])
    .filter((edge) => Number.isFinite(edge))
}
