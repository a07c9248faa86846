// What runs in a network of its own, where the hosts of STS are on loopback: an STS, a deployment that asks it by its real
// name, and the clients, each unmodified. One line of JSON says what came of every attempt.

import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { aws } from '@countersign/aws'
import { createCountersign, memoryStorage } from '@countersign/core'
import type { FakeAwsCredentials } from '@countersign/testing/fakes'
import { fakeAuthority, fakeSts } from '@countersign/testing/fakes'
import { InfisicalSDK } from '@infisical/sdk'
import { serve } from './federation-server.ts'

const [ca = '', cert = '', key = ''] = await Promise.all(
  process.argv.slice(2).map((file) => readFile(file, 'utf8')),
)
const ACCOUNT = '111111111111'
// Its certificate was issued before this process began, which trusts its authority from the start.
const authority = { ...fakeAuthority(), ca, issue: () => ({ cert, key }) }
const sts = await fakeSts({ authority, port: 443 })
const server = await serve((url) =>
  createCountersign({
    issuer: url,
    rootKeys: [randomBytes(32).toString('base64url')],
    storage: memoryStorage(),
    // No endpoint is named: STS is asked where its table says, on port 443.
    verifiers: [aws({ audience: url, allowUnbound: true, egress: { allow: ['127.0.0.1'] } })],
  }),
)
const host = server.countersign.asHost('compat')
await host.organizations.create({ id: 'acme', name: 'Acme' })
const { identity } = await host.identities.create({
  organization: 'acme',
  name: 'worker',
  authMethod: { method: 'aws', policy: { principals: [`arn:aws:iam::${ACCOUNT}:role/app`] } },
})

/** Logs in as the SDK does by itself: keys and region are those of the environment. */
async function logIn(region: string, keys: FakeAwsCredentials): Promise<string> {
  process.env['AWS_REGION'] = region
  process.env['AWS_ACCESS_KEY_ID'] = keys.accessKeyId
  process.env['AWS_SECRET_ACCESS_KEY'] = keys.secretAccessKey
  process.env['AWS_SESSION_TOKEN'] = keys.sessionToken ?? ''
  try {
    const sdk = new InfisicalSDK({ siteUrl: server.url })
    const client = await sdk.auth().awsIamAuth.login({ identityId: identity.id })
    const token = client.auth().getAccessToken() ?? ''
    const { identity: who } = await server.countersign.authenticate(token, { address: '127.0.0.1' })
    return who === identity.id ? 'logged in' : 'somebody else'
  } catch (error) {
    return String(error)
  }
}

const app = sts.assumeRole(ACCOUNT, 'app')
const results: Record<string, string> = {
  ireland: await logIn('eu-west-1', app),
  virginia: await logIn('us-east-1', app),
  forged: await logIn('eu-west-1', { ...app, secretAccessKey: 'another' }),
  otherRole: await logIn('eu-west-1', sts.assumeRole(ACCOUNT, 'other')),
  untrusted: await logIn('eu-west-2', app),
}
const hosts = sts.received().map(({ headers }) => headers['host'])
console.log(JSON.stringify({ results, hosts }))
await server.close()
await sts.close()
