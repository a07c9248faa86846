// Uses secrets, drops them, and writes a snapshot of the heap to the file that it is told. `hold` keeps them instead.

import { writeHeapSnapshot } from 'node:v8'
import { createCountersign, memoryStorage } from '../../src/index.ts'
import { systemRuntime } from '../../src/runtime.ts'

const [, , file = '', mode = 'drop'] = process.argv
const source = { address: '192.0.2.1' }
const organization = 'acme'
const held: string[] = []

const countersign = createCountersign({
  issuer: 'https://id.example.com',
  rootKeys: [Buffer.from(systemRuntime.random(32)).toString('base64url')],
  storage: memoryStorage(),
  cacheTtl: 60,
})

/** Lives through the life of a credential of every kind; answers the code units of each, which are no text. */
async function useSecrets(): Promise<readonly (readonly number[])[]> {
  const host = countersign.asHost('heap')
  await host.organizations.create({ id: organization, name: 'Acme' })
  const authMethod = { method: 'universal' } as const
  const { identity } = await host.identities.create({ organization, name: 'x', authMethod })
  const key = { organization, identity: identity.id }
  await host.authMethods.attach({ ...key, method: 'token' })
  const { clientSecret } = await host.clientSecrets.create(key)
  const { staticToken } = await host.staticTokens.create({ ...key, name: 'ci' })
  const credential = { clientSecret }
  const grant = await countersign.login(
    { method: 'universal', identity: key.identity, credential },
    source,
  )
  const { accessToken } = await countersign.renew(grant.accessToken, source)
  await countersign.login({ method: 'token', credential: { staticToken } }, source)
  for (const token of [grant.accessToken, accessToken, staticToken, `${accessToken}x`])
    await countersign.tryAuthenticate(token, source)
  const secrets = [clientSecret, staticToken, grant.accessToken, accessToken]
  if (mode === 'hold') held.push(...secrets)
  return secrets.map((secret) => Array.from(secret, (_, place) => secret.charCodeAt(place)))
}

console.log(JSON.stringify(await useSecrets()))
for (let turn = 0; turn < 20; turn += 1)
  await new Promise((resolve) => setImmediate(resolve))
  // The engine of regular expressions keeps the last text that it matched.
;/nothing/.test('nothing')
for (let round = 0; round < 3; round += 1) globalThis.gc?.()
writeHeapSnapshot(file)
if (held.length > 4) console.log(countersign.issuer)
