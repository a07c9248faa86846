import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createCountersign, memoryStorage } from '@countersign/core'
import { expressGuard, expressHandler } from '@countersign/express'
import express from 'express'

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
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${server.address().port}`

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
assert.equal((await allowed.json()).identity, identity.id)
assert.equal((await fetch(`${url}/protected`)).status, 401)

server.close()
server.closeAllConnections()
await countersign.close()
