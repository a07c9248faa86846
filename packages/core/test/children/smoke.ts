// One life of an engine, for processes that run under other rules than a test does.

import { createCountersign, memoryStorage } from '../../src/index.ts'
import { systemRuntime } from '../../src/runtime.ts'

const organization = 'acme'
const source = { address: '192.0.2.1' }
const heard: string[] = []

const countersign = createCountersign({
  issuer: 'https://id.example.com',
  rootKeys: [Buffer.from(systemRuntime.random(32)).toString('base64url')],
  storage: memoryStorage(),
  sinks: [{ name: 'heard', write: (events) => void heard.push(...events.map(({ type }) => type)) }],
})
const host = countersign.asHost('smoke')

const codeOf = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => 'ok',
    (error: { readonly code?: unknown }) => error.code ?? error,
  )

await countersign.ready()
await host.organizations.create({ id: organization, name: 'Acme' })
const { identity } = await host.identities.create({
  organization,
  name: 'deployer',
  metadata: { team: 'blue' },
  authMethod: { method: 'universal', tokenPolicy: { ttl: 60 } },
})
const key = { organization, identity: identity.id }
const { clientSecret } = await host.clientSecrets.create(key)
const login = (text: string) =>
  countersign.login(
    { method: 'universal', identity: identity.id, credential: { clientSecret: text } },
    source,
  )

const { accessToken } = await login(clientSecret)
const principal = await countersign.authenticate(accessToken, source)
const renewed = await countersign.renew(accessToken, source)
const listed = await host.clientSecrets.list(key)
const refused = [
  await codeOf(login('wrong')),
  await codeOf(host.identities.create({ organization, name: '' })),
  await codeOf(host.identities.get({ organization, id: 'nobody' })),
]
await countersign.revoke(renewed.accessToken, source)
refused.push(await codeOf(countersign.authenticate(accessToken, source)))
await countersign.close()

console.log(
  JSON.stringify({
    kind: principal.kind,
    metadata: { ...principal.metadata },
    secrets: listed.items.length,
    refused,
    grants: heard.filter((type) => type === 'login.granted').length,
  }),
)
