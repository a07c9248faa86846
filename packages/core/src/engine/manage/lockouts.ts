import { notFound } from '../../errors.ts'
import type { LockoutClear, LockoutList } from '../../input/lockout.ts'
import { lockoutClear, lockoutList } from '../../input/lockout.ts'
import { defined } from '../../lib/defined.ts'
import { inOrganization } from '../../model/scope.ts'
import type { ActiveLockout } from '../../ports/lockout-store.ts'
import type { CommandsOf, Desk } from './command.ts'
import { coveredAmong } from './restricted.ts'

/** Shows and ends lockouts. */
export interface Lockouts {
  /** The locks that refuse logins at this moment. */
  list(query: LockoutList): Promise<readonly ActiveLockout[]>
  /** Ends the locks of an identity, and forgets its failures; answers how many locks there were. */
  clear(query: LockoutClear): Promise<{ readonly cleared: number }>
}

/** What managing lockouts takes and does. */
export const lockoutCommands: CommandsOf<Lockouts> = {
  list: {
    input: lockoutList,
    permission: 'identity:read',
    scopeOf: inOrganization,
    run: list,
  },
  clear: {
    input: lockoutClear,
    permission: 'identity:unlock',
    targetOf: ({ identity: id }) => ({ kind: 'identity', id }),
    run: clear,
  },
}

/** Of somebody who holds more than the actor, nothing is listed. */
async function list(
  desk: Desk,
  { organization, identity, method }: LockoutList,
): Promise<readonly ActiveLockout[]> {
  const filter = { organization, ...defined({ identity, method }) }
  const active = await desk.storage.lockouts.active(filter, desk.clock.now())
  const subjects = active.map(({ identity: id }) => ({ kind: 'identity', id }) as const)
  const isCovered = await coveredAmong(desk, organization, subjects)
  return active.filter(({ identity: id }) => isCovered({ kind: 'identity', id }))
}

async function clear(desk: Desk, query: LockoutClear): Promise<{ readonly cleared: number }> {
  const { organization, identity } = query
  if ((await desk.storage.identities.find(organization, identity)) === undefined)
    throw notFound('identity')
  return { cleared: await clearLockouts(desk, query) }
}

/** Ends the locks of an identity in these stores, with one event where there were any; answers how many. */
export function clearLockouts(
  { note, clock, storage: { lockouts } }: Desk,
  { organization, identity, method }: LockoutClear,
): Promise<number> {
  const target = { kind: 'lockout', id: identity } as const
  const event = note({
    type: 'lockout.cleared',
    organization,
    target,
    details: defined({ method }),
  })
  return lockouts.clear({ organization, identity, ...defined({ method }) }, clock.now(), [event])
}
