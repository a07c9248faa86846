const { randomBytes } = require('node:crypto')
const { once } = require('node:events')
const { createCountersign, memoryStorage } = require('@countersign/core')
const { expressGuard, expressHandler } = require('@countersign/express')
const express = require('express')

const countersign = createCountersign({
  issuer: 'https://api.example.com',
  rootKeys: [randomBytes(32).toString('base64url')],
  storage: memoryStorage(),
})
const guard = expressGuard(countersign)
const app = express()
app.use(expressHandler(countersign))
app.get('/protected', guard.authenticate(), (request, response) => {
  response.json(guard.principalOf(request))
})

let server
let url

beforeAll(async () => {
  server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${server.address().port}`
})

afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await countersign.close()
})

test('a workload logs in and opens a protected route', async () => {
  const host = countersign.asHost('consumer')
  const { id: organization } = await host.organizations.create({ name: 'Acme' })
  const { identity } = await host.identities.create({
    organization,
    name: 'worker',
    authMethod: { method: 'universal' },
  })
  const { clientSecret } = await host.clientSecrets.create({ organization, identity: identity.id })
  const body = new URLSearchParams({ clientId: identity.id, clientSecret })
  const login = await fetch(`${url}/api/v1/auth/universal-auth/login`, { method: 'POST', body })
  const { accessToken } = await login.json()
  const headers = { authorization: `Bearer ${accessToken}` }
  const allowed = await fetch(`${url}/protected`, { headers })
  expect(await allowed.json()).toMatchObject({ identity: identity.id })
  expect((await fetch(`${url}/protected`)).status).toBe(401)
})
