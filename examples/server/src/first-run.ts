import type { Countersign } from '@countersign/core'
import { days } from '@countersign/core'

/** What one start hands to whoever reads its standard output. */
export interface Admission {
  readonly organization: string
  readonly project: string
  readonly identity: string
  readonly clientId: string
  readonly clientSecret: string
}

/** Makes what an empty store lacks, and lets its administrator in for a day. */
export async function admitAdministrator(countersign: Countersign): Promise<Admission> {
  const host = countersign.asHost('reference server')
  const { id: organization } = await host.organizations.ensure({ id: 'acme', name: 'Acme' })
  const web = await host.projects.ensure({ organization, id: 'web', name: 'Web' })
  await host.projects.ensure({ organization, id: 'api', name: 'API' })
  const { id: identity } = await host.identities.ensure({
    organization,
    slug: 'admin',
    name: 'Administrator',
    role: 'admin',
    authMethod: { method: 'universal' },
  })
  const { clientSecret } = await host.clientSecrets.create({
    organization,
    identity,
    description: 'Printed at start',
    ttl: days(1),
  })
  return { organization, project: web.id, identity, clientId: identity, clientSecret }
}
