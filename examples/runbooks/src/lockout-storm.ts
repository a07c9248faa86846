import type { Countersign } from '@countersign/core'

/** Which locks stand, and from where the failures came. */
export async function whoIsLocked({ asHost }: Countersign, organization: string, since: Date) {
  const { lockouts, events } = asHost('incident: lockout storm')
  const locked = await lockouts.list({ organization })
  const started = await events.list({ organization, type: 'lockout.started', since })
  return { locked, from: started.items.map(({ source }) => source?.address) }
}

/** Lets an identity in again, and from now on only from its own networks. */
export async function letIn(
  { asHost }: Countersign,
  organization: string,
  identity: string,
  networks: readonly string[],
) {
  const { authMethods, lockouts } = asHost('incident: lockout storm')
  const method = 'universal'
  const tokenPolicy = { trustedSources: { credential: networks } }
  await authMethods.update({ organization, identity, method, tokenPolicy })
  return lockouts.clear({ organization, identity })
}
