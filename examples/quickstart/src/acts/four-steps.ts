import { strict as assert } from 'node:assert'
import { say, shorten, title } from '../narrator.ts'
import type { Stage } from '../stage.ts'
import { organization } from '../stage.ts'

/** A workload that has logged in. */
export interface Login {
  readonly identity: string
  readonly clientSecret: string
  readonly accessToken: string
}

/** Identity, client secret, projects, token: the four steps of the announcement. */
export async function takeFourSteps(stage: Stage): Promise<Login> {
  title('Four steps to a token')
  const host = stage.countersign.asHost('quickstart')
  await host.organizations.create({ id: organization, name: 'Acme' })
  const { identity } = await host.identities.create({
    organization,
    name: 'nightly-deploy',
    role: 'billing',
    authMethod: { method: 'universal' },
  })
  say('An identity with a role in the organization', `${identity.name} is ${identity.id}: billing`)

  const minted = await host.clientSecrets.create({ organization, identity: identity.id })
  const { clientSecret } = minted
  assert(!JSON.stringify(minted).includes(clientSecret))
  say('A client secret for it, shown this once', shorten(clientSecret))

  for (const project of ['web', 'api']) {
    await host.projects.create({ organization, id: project, name: project })
    await host.projects.add({ organization, project, identity: identity.id, roles: ['deployer'] })
  }
  say('Added to two projects', 'web: deployer', 'api: deployer')

  const accessToken = await logIn(stage, identity.id, clientSecret)
  return { identity: identity.id, clientSecret, accessToken }
}

async function logIn(
  { url, workload }: Stage,
  identity: string,
  clientSecret: string,
): Promise<string> {
  const { status, body } = await workload.logIn(identity, clientSecret)
  const { accessToken, expiresIn, accessTokenMaxTTL, tokenType } = body
  assert.equal(status, 200)
  assert.deepEqual([expiresIn, accessTokenMaxTTL, tokenType], [7200, 7200, 'Bearer'])
  const token = String(accessToken)
  say(
    'An access token for the secret, as curl asks for it',
    `curl --location --request POST '${url}/api/v1/auth/universal-auth/login' \\`,
    `  --header 'Content-Type: application/x-www-form-urlencoded' \\`,
    `  --data-urlencode 'clientSecret=${shorten(clientSecret)}' \\`,
    `  --data-urlencode 'clientId=${identity}'`,
    `{"accessToken":"${shorten(token)}","expiresIn":7200,"accessTokenMaxTTL":7200,"tokenType":"Bearer"}`,
  )
  return token
}
