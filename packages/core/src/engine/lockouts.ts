import { notFound } from '../errors.ts'
import type { LockoutClear, LockoutList } from '../input/lockout.ts'
import { lockoutClear, lockoutList } from '../input/lockout.ts'
import type { ActiveLockout } from '../ports/lockout-store.ts'
import type { Stores } from '../ports/storage.ts'
import type { CommandsOf, Desk } from './command.ts'
import { inOrganization } from './command.ts'
import { defined } from './keeper.ts'

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
    run: ({ storage, clock }, { organization, identity, method }) =>
      storage.lockouts.active({ organization, ...defined({ identity, method }) }, clock.now()),
  },
  clear: {
    input: lockoutClear,
    permission: 'identity:unlock',
    scopeOf: inOrganization,
    run: clear,
  },
}

async function clear(desk: Desk, query: LockoutClear): Promise<{ readonly cleared: number }> {
  const { organization, identity } = query
  if ((await desk.storage.identities.find(organization, identity)) === undefined)
    throw notFound('identity')
  return { cleared: await clearLockouts(desk, desk.storage, query) }
}

/** Ends the locks of an identity in these stores, with one event where there were any; answers how many. */
export function clearLockouts(
  { note, clock }: Desk,
  { lockouts }: Pick<Stores, 'lockouts'>,
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
