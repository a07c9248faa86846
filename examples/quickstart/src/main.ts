import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createBackend } from './app.ts'
import type { Answer } from './workload.ts'
import { createWorkload } from './workload.ts'

let steps = 0
const say = (what: string): void => console.log(`${String(++steps).padStart(2)}. ${what}`)
const shorten = (secret: string): string => `${secret.slice(0, 12)}…`
const tokenOf = ({ body }: Answer): string => String(body['accessToken'])

const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const { app, countersign } = createBackend(url, randomBytes(32).toString('base64url'))
server.on('request', app)
await countersign.ready()
say(`An Express backend that embeds the engine listens on ${url}`)

const host = countersign.asHost('quickstart')
const { id: organization } = await host.organizations.create({ id: 'acme', name: 'Acme' })
const { identity } = await host.identities.create({
  organization,
  name: 'nightly-report',
  authMethod: { method: 'universal' },
})
say(`The host registers a workload: ${identity.name} is ${identity.id}`)

const minted = await host.clientSecrets.create({ organization, identity: identity.id })
const { clientSecret } = minted
assert(!JSON.stringify(minted).includes(clientSecret))
say(`It gets a client secret, shown this once: ${shorten(clientSecret)}`)

const workload = createWorkload(url)
const granted = await workload.logIn(identity.id, clientSecret)
const accessToken = tokenOf(granted)
const { expiresIn, accessTokenMaxTTL, tokenType } = granted.body
assert.equal(granted.status, 200)
assert.deepEqual([expiresIn, accessTokenMaxTTL, tokenType], [7200, 7200, 'Bearer'])
say(`The workload logs in with a form, as curl sends it:
      curl --location --request POST '${url}/api/v1/auth/universal-auth/login' \\
        --header 'Content-Type: application/x-www-form-urlencoded' \\
        --data-urlencode 'clientSecret=${shorten(clientSecret)}' \\
        --data-urlencode 'clientId=${identity.id}'
    and is granted {"accessToken":"${shorten(accessToken)}","expiresIn":7200,"accessTokenMaxTTL":7200,"tokenType":"Bearer"}`)

const report = await workload.readReport(accessToken)
assert.deepEqual([report.status, report.body['for']], [200, 'nightly-report'])
say(`With the token the protected route answers 200: ${JSON.stringify(report.body)}`)

const stranger = await workload.readReport()
assert.equal(stranger.status, 401)
say('Without a token it answers 401')

const renewed = await workload.renew(accessToken)
assert.equal(renewed.status, 200)
assert.equal((await workload.readReport(tokenOf(renewed))).status, 200)
say('The token is renewed, and the new one opens the route as well')

for (const attempt of ['first', 'second', 'third']) {
  const refused = await workload.logIn(identity.id, 'a-wrong-secret')
  assert.equal(refused.status, 401)
  say(`The ${attempt} login with a wrong secret answers 401: ${refused.body['message']}`)
}
const locked = await workload.logIn(identity.id, clientSecret)
assert.equal(locked.status, 401)
assert(locked.retryAfter > 290 && locked.retryAfter <= 300)
say(`Now even the right one is refused for ${locked.retryAfter} s: ${locked.body['message']}`)

await host.lockouts.clear({ organization, identity: identity.id })
assert.equal((await workload.logIn(identity.id, clientSecret)).status, 200)
say('The host clears the lockout, and the right secret opens again')

assert.equal((await workload.revoke(accessToken)).status, 200)
assert.equal((await workload.readReport(accessToken)).status, 401)
assert.equal((await workload.readReport(tokenOf(renewed))).status, 401)
say('The first token is revoked: it and its renewal are refused with 401')

server.close()
server.closeAllConnections()
await countersign.close()
console.log('The main job runs: a workload logs in, and a route is protected')
