import { conflict } from '../../errors.ts'
import type { RoleBinding } from '../../model/role-binding.ts'
import { pagesOf } from '../pages.ts'
import type { Desk } from './command.ts'

/**
 * Does what may take an admin away, unless it takes the last one that is enabled and has not expired. The host may.
 *
 * @throws `conflict`
 */
export async function keepingAnAdmin<T>(
  desk: Desk,
  organization: string,
  deed: () => Promise<T>,
): Promise<T> {
  if (!desk.boundary.isBounded) return deed()
  const had = await hasAdmin(desk, organization)
  const done = await deed()
  if (had && !(await hasAdmin(desk, organization)))
    throw conflict('The organization would be left without an admin')
  return done
}

async function hasAdmin({ storage, clock }: Desk, organization: string): Promise<boolean> {
  const now = clock.now()
  const filter = { organization, level: 'organization', role: 'admin' } as const
  const isEnabled = async ({ subject: { kind, id } }: RoleBinding): Promise<boolean> =>
    kind === 'user' || (await storage.identities.find(organization, id))?.disabled === false
  for await (const binding of pagesOf(storage.roleBindings, filter)) {
    if (isOpen(binding, now) && (await isEnabled(binding))) return true
  }
  return false
}

/** Who is an admin only later is none now. */
function isOpen({ from, until }: RoleBinding, now: Date): boolean {
  return (from === undefined || from <= now) && (until === undefined || now < until)
}
