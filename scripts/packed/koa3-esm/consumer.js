import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createCountersign, memoryStorage } from '@countersign/core'
import { koaGuard, koaHandler } from '@countersign/koa'
import Koa from 'koa'

const countersign = createCountersign({
  issuer: 'https://api.example.com',
  rootKeys: [randomBytes(32).toString('base64url')],
  storage: memoryStorage(),
})
const guard = koaGuard(countersign)
const app = new Koa()
app.use(koaHandler(countersign))
app.use(guard.authenticate())
app.use((context) => {
  context.body = guard.principalOf(context)
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
