import { randomBytes } from 'node:crypto'
import type { IdentityPrincipal, Rule, UserPrincipal } from '@countersign/core'
import { createCountersign, memoryStorage } from '@countersign/core'
import { ISSUER, logIn, SOURCE } from './engine.ts'
import { PROJECT, RESOURCES } from './permissions.ts'

type Vocabulary = typeof RESOURCES

/** An engine in which a workload and a user hold the same role. */
export interface Holders {
  /** Shows the workload's token again: what the engine knows of it is fresh afterwards. */
  readonly authenticate: () => Promise<IdentityPrincipal<Vocabulary>>
  /** A user who holds these rules on the host's word. */
  readonly vouch: (rules: readonly Rule<Vocabulary>[]) => UserPrincipal<Vocabulary>
}

/** Creates such an engine, its vocabulary the one of all permission contests. */
export async function createHolders(
  rules: readonly Rule<Vocabulary>[],
  cacheTtl?: number,
): Promise<Holders> {
  const countersign = createCountersign({
    issuer: ISSUER,
    rootKeys: [randomBytes(32).toString('base64url')],
    storage: memoryStorage(),
    resources: RESOURCES,
    cacheTtl,
  })
  await countersign.ready()
  const organization = 'acme'
  const host = countersign.asHost('bench')
  await host.organizations.create({ id: organization, name: 'Acme' })
  await host.projects.create({ organization, id: PROJECT, name: 'Web' })
  const { identity } = await host.identities.create({
    organization,
    name: 'worker',
    authMethod: { method: 'universal' },
  })
  const key = { organization, project: PROJECT }
  const role = await host.roles.create({ ...key, slug: 'worker', name: 'Worker', rules })
  await host.projects.add({ ...key, identity: identity.id, roles: [role.id] })
  const { clientSecret } = await host.clientSecrets.create({ organization, identity: identity.id })
  const token = await logIn(countersign, { organization, identity: identity.id, clientSecret })

  return {
    authenticate: () => countersign.authenticate(token, SOURCE),
    vouch: (vouched) =>
      countersign.principalFor({
        user: 'ada',
        organization,
        bindings: [{ project: PROJECT, rules: vouched }],
      }),
  }
}
