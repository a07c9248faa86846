import type { Engine } from './app.ts'

/** A key of old, as your table has it. */
export interface KeyRow {
  readonly id: number
  readonly organization: string
  readonly label: string
  /** The projects that it was made for. */
  readonly projects: readonly string[]
}

/** Makes the identity behind an old key: run twice, there is still one. Keep its id in the key's row. */
export async function adopt(countersign: Engine, key: KeyRow): Promise<string> {
  const { identities, roleBindings } = countersign.asHost('adoption of API keys')
  const { organization } = key
  const identity = await identities.ensure({
    organization,
    slug: `api-key-${key.id}`,
    name: key.label,
  })
  const subject = { identity: identity.id }
  const roles = [{ role: 'viewer' }] as const
  for (const project of key.projects)
    await roleBindings.replace({ organization, project, subject, roles })
  return identity.id
}

/** Gives the same identity a client secret, when its owner is ready to move. */
export async function move(countersign: Engine, organization: string, identity: string) {
  const { authMethods, clientSecrets } = countersign.asHost('adoption of API keys')
  await authMethods.attach({ organization, identity, method: 'universal' })
  const { clientSecret } = await clientSecrets.create({ organization, identity })
  return { clientId: identity, clientSecret }
}
