import type { Identity } from '@countersign/core'
import { days } from '@countersign/core'
import type { Engine } from './vocabulary.ts'

/** What a workload logs in with. */
export interface Credential {
  readonly clientId: string
  readonly clientSecret: string
}

/** What one start hands to whoever reads its standard output: an administrator, and a workload that may less. */
export interface Admission extends Credential {
  readonly organization: string
  readonly project: string
  readonly identity: string
  readonly deployer: Credential
}

const organization = 'acme'

/** Makes what an empty store lacks, and lets its administrator and a deployer in for a day. */
export async function admit(countersign: Engine): Promise<Admission> {
  const host = countersign.asHost('reference server')
  await host.organizations.ensure({ id: organization, name: 'Acme' })
  const web = await host.projects.ensure({ organization, id: 'web', name: 'Web' })
  await host.projects.ensure({ organization, id: 'api', name: 'API' })
  await ensureNeighbour(countersign)
  const authMethod = { method: 'universal' } as const
  const admin = await host.identities.ensure({
    organization,
    slug: 'admin',
    name: 'Administrator',
    role: 'admin',
    authMethod,
  })
  const deployer = await host.identities.ensure({
    organization,
    slug: 'deployer',
    name: 'Deployer',
    role: 'billing',
    authMethod,
  })
  for (const project of ['web', 'api']) await ensureDeployer(countersign, deployer, project)
  const credential = await mint(countersign, admin)
  return {
    organization,
    project: web.id,
    identity: admin.id,
    ...credential,
    deployer: await mint(countersign, deployer),
  }
}

/** Another tenant, whose project is nobody else's. */
async function ensureNeighbour(countersign: Engine): Promise<void> {
  const host = countersign.asHost('reference server')
  await host.organizations.ensure({ id: 'globex', name: 'Globex' })
  await host.projects.ensure({ organization: 'globex', id: 'mobile', name: 'Mobile' })
}

async function ensureDeployer(
  countersign: Engine,
  { id: identity }: Identity,
  project: string,
): Promise<void> {
  const { projects, roleBindings } = countersign.asHost('reference server')
  const query = { organization, project, subject: { identity }, role: 'deployer', limit: 1 }
  if ((await roleBindings.list(query)).items.length > 0) return
  await projects.add({ organization, project, identity, roles: ['deployer'] })
}

async function mint(countersign: Engine, { id: identity }: Identity): Promise<Credential> {
  const { clientSecrets } = countersign.asHost('reference server')
  const { clientSecret } = await clientSecrets.create({
    organization,
    identity,
    description: 'Printed at start',
    ttl: days(1),
  })
  return { clientId: identity, clientSecret }
}
