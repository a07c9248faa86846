import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aws, createClient, ldap, oidc } from '@countersign/client'
import type { FakeKey } from '@countersign/testing/fakes'
import {
  fakeAuthority,
  fakeCluster,
  fakeIssuer,
  fakeKey,
  fakeSts,
  signJwt,
} from '@countersign/testing/fakes'
import { startOpenldap } from '@countersign/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postForm } from './clients.ts'
import { operatorOf } from './operator.ts'
import type { Ready } from './reference-server.ts'
import { run } from './reference-server.ts'

const ACCOUNT = '111111111111'
const SUBJECT = 'repo:org/app:ref:refs/heads/main'
const authority = fakeAuthority()

const stopping: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop()
})

function closing<T extends { readonly close: () => Promise<void> }>(opened: T): T {
  stopping.push(() => opened.close())
  return opened
}

let folder: string
let ready: Ready
let operator: Awaited<ReturnType<typeof operatorOf>>
let sts: Awaited<ReturnType<typeof fakeSts>>

/** Starts a server with these variables, and logs its administrator in. */
async function aServer(environment: Readonly<Record<string, string>>) {
  const server = run({ COUNTERSIGN_DATA: join(folder, String(stopping.length)), ...environment })
  stopping.push(() => server.stop('SIGKILL'))
  const line = await server.ready
  return { ready: line, operator: await operatorOf(line) }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-'))
  stopping.push(() => rm(folder, { recursive: true, force: true }))
  sts = closing(await fakeSts({ authority }))
  await writeFile(join(folder, 'sts.pem'), sts.ca)
  const server = await aServer({
    COUNTERSIGN_EGRESS_ALLOW: '127.0.0.1',
    COUNTERSIGN_EGRESS_PORTS: 'any',
    COUNTERSIGN_EGRESS_LOOPBACK_HTTP: 'true',
    COUNTERSIGN_STS_ENDPOINT: sts.url,
    COUNTERSIGN_STS_CA: join(folder, 'sts.pem'),
  })
  ready = server.ready
  operator = server.operator
})

describe('Every auth method is mounted', () => {
  test('oidc-auth, and the client that this repository has for it', async () => {
    const issuer = closing(await fakeIssuer())
    const identity = await operator.identityBy('oidc-auth', {
      oidcDiscoveryUrl: issuer.url,
      boundIssuer: issuer.url,
      boundAudiences: ready.url,
      boundSubject: SUBJECT,
    })
    const sign = (sub: string) => issuer.sign({ aud: ready.url, sub })
    await using client = createClient({
      url: ready.url,
      auth: oidc({ identity, token: () => sign(SUBJECT) }),
    })
    const whoami = await client.fetch(`${ready.url}/api/whoami`)
    expect([whoami.status, await whoami.json()]).toMatchObject([200, { identity }])
    const refused = { identityId: identity, jwt: sign('repo:org/other:ref:refs/heads/main') }
    expect(await operator.logIn('oidc-auth', refused)).toMatchObject({ status: 401 })
  })

  test('jwt-auth, also as a foreign token at the token endpoint', async () => {
    const key = fakeKey()
    const identity = await operator.identityBy('jwt-auth', {
      boundIssuer: 'https://ci.example.com',
      boundAudiences: ready.url,
      boundSubject: SUBJECT,
      publicKeys: [pemOf(key)],
    })
    const claims = { iss: 'https://ci.example.com', aud: ready.url, sub: SUBJECT }
    const jwt = signed(key, claims)
    expect(await operator.logIn('jwt-auth', { identityId: identity, jwt })).toMatchObject({
      status: 200,
    })
    const exchanged = await postForm(`${ready.url}/oauth/token`, {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: signed(key, claims),
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: identity,
    })
    expect([exchanged.status, await exchanged.json()]).toMatchObject([
      200,
      { token_type: 'Bearer' },
    ])
    const forged = signed(fakeKey(), claims)
    expect(await operator.logIn('jwt-auth', { identityId: identity, jwt: forged })).toMatchObject({
      status: 401,
    })
  })

  test('private-key-jwt-auth, at the token endpoint, once for each assertion', async () => {
    const key = fakeKey()
    const identity = await operator.identityBy('private-key-jwt-auth', { publicKeys: [pemOf(key)] })
    const token = `${ready.url}/oauth/token`
    const assert = (assertion: string) =>
      postForm(token, {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      })
    const assertion = signed(key, { iss: identity, sub: identity, aud: token, jti: 'one' })
    expect((await assert(assertion)).status).toBe(200)
    expect((await assert(assertion)).status).toBe(401)
  })

  test('kubernetes-auth, by a review at a cluster on a private address', async () => {
    const cluster = closing(await fakeCluster({ authority }))
    const identity = await operator.identityBy('kubernetes-auth', {
      kubernetesHost: cluster.url,
      caCert: cluster.ca,
      tokenReviewerJwt: cluster.reviewerToken(),
      allowedNamespaces: 'prod',
      allowedNames: 'api',
      allowedAudience: ready.url,
    })
    const logIn = (name: string) => {
      const account = cluster.create('prod', name)
      const jwt = cluster.tokenOf(account, { audiences: [ready.url] })
      return operator.logIn('kubernetes-auth', { identityId: identity, jwt })
    }
    expect(await logIn('api')).toMatchObject({ status: 200 })
    expect(await logIn('web')).toMatchObject({ status: 401 })
    // What is sealed comes back to nobody.
    const shown = await operator.ok('GET', `/auth/kubernetes-auth/identities/${identity}`)
    expect(JSON.stringify(shown)).not.toContain(cluster.reviewerToken())
  })

  test('aws-auth, at the endpoint of STS that the operator named, for the audience of this server', async () => {
    const identity = await operator.identityBy('aws-auth', {
      allowedAccountIds: ACCOUNT,
      allowedPrincipalArns: `arn:aws:iam::${ACCOUNT}:role/app`,
    })
    const clientFor = (audience?: string) =>
      createClient({
        url: ready.url,
        auth: aws({
          identity,
          region: 'eu-west-1',
          credentials: async () => sts.assumeRole(ACCOUNT, 'app'),
          audience,
        }),
      })
    await using client = clientFor()
    await expect(client.token()).resolves.toMatch(/^ey/)
    await expect(clientFor('https://other.example').token()).rejects.toMatchObject({
      code: 'invalid_credential',
    })
  })

  test('ldap-auth, on a real directory', async () => {
    const suffix = 'dc=example,dc=org'
    const directory = await startOpenldap({
      suffix,
      rootDn: `cn=root,${suffix}`,
      rootPassword: 'the-root-password-of-the-test',
      ldif: LDIF,
      tls: authority.issue(['127.0.0.1']),
    })
    stopping.push(() => directory.stop())
    const identity = await operator.identityBy('ldap-auth', {
      url: `ldaps://127.0.0.1:${directory.securePort}`,
      bindDN: `cn=root,${suffix}`,
      bindPass: 'the-root-password-of-the-test',
      searchBase: suffix,
      searchFilter: '(uid={{username}})',
      ldapCaCertificate: authority.ca,
      allowedFields: [{ key: 'uid', value: 'ada' }],
    })
    const clientOf = (password: string) =>
      createClient({ url: ready.url, auth: ldap({ identity, username: 'ada', password }) })
    await using client = clientOf('right-horse-of-the-test')
    await expect(client.token()).resolves.toMatch(/^ey/)
    await expect(clientOf('wrong').token()).rejects.toMatchObject({ code: 'invalid_credential' })
  }, 120_000)

  test.each([
    [
      'gcp-auth',
      { type: 'gce', allowedServiceAccounts: 'app@project.iam.gserviceaccount.com' },
      { iss: 'https://accounts.google.com' },
    ],
    [
      'azure-auth',
      {
        tenantId: '00000000-0000-4000-8000-000000000001',
        resource: 'api://countersign',
        allowedServicePrincipalIds: '00000000-0000-4000-8000-000000000002',
      },
      { iss: 'https://sts.windows.net/00000000-0000-4000-8000-000000000001/' },
    ],
  ])('%s, which a token of nobody opens to nobody', async (slug, settings, claims) => {
    const identity = await operator.identityBy(slug, settings)
    const shown = await operator.ok('GET', `/auth/${slug}/identities/${identity}`)
    expect(Object.values(shown)).toEqual([expect.objectContaining(settings)])
    const jwt = signed(fakeKey('RS256'), { ...claims, aud: identity, sub: 'somebody' })
    const { status } = await operator.logIn(slug, { identityId: identity, jwt })
    // 503 where the keys of the cloud cannot be reached from here.
    expect([401, 503]).toContain(status)
  })

  test('tls-cert-auth, which nobody passes without TLS', async () => {
    const { cert } = authority.issue(['client.example'])
    const identity = await operator.identityBy('tls-cert-auth', {
      caCertificate: authority.ca,
      allowedCommonNames: 'client',
    })
    const body = { identityId: identity, certificate: cert }
    expect(await operator.logIn('tls-cert-auth', body)).toMatchObject({ status: 401 })
  })

  test('and each is described by the document that the server serves', async () => {
    const { paths } = (await (await fetch(`${ready.url}/openapi.json`)).json()) as {
      readonly paths: object
    }
    for (const slug of SLUGS) expect(paths).toHaveProperty([`/api/v1/auth/${slug}/login`])
  })
})

const SLUGS = [
  ...['universal', 'oidc', 'jwt', 'private-key-jwt', 'kubernetes', 'aws', 'gcp', 'azure', 'ldap'],
  'tls-cert',
].map((name) => `${name}-auth`)

describe('Without a word of the operator', () => {
  test('verifiers may be pointed at nothing that is private', async () => {
    const { operator: tenant, ready: usual } = await aServer({})
    const { identity } = await tenant.ok('POST', '/identities', { name: 'curious' })
    const inside = ['http://127.0.0.1:4400', 'https://10.0.0.1', 'https://169.254.169.254']
    for (const url of inside) {
      const settings = {
        oidcDiscoveryUrl: url,
        boundIssuer: url,
        boundAudiences: usual.url,
        boundSubject: SUBJECT,
      }
      const path = `/auth/oidc-auth/identities/${identity.id}`
      expect(await tenant.call('POST', path, settings)).toMatchObject({ status: 400 })
    }
    const kubernetes = { allowedNamespaces: 'prod', allowedNames: 'api', allowedAudience: 'us' }
    // The cluster that this server may run in is nobody's unless the operator says so.
    const path = `/auth/kubernetes-auth/identities/${identity.id}`
    expect(await tenant.call('POST', path, kubernetes)).toMatchObject({ status: 400 })
  })
})

function pemOf({ publicKey }: FakeKey): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}

let made = 0

function signed(key: FakeKey, claims: object): string {
  made += 1
  const now = Math.floor(Date.now() / 1000)
  const usual = { iat: now, exp: now + 60, jti: `of the test ${made}` }
  return signJwt(key, { alg: key.algorithm, kid: key.kid, typ: 'JWT' }, { ...usual, ...claims })
}

const LDIF = `dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: uid=ada,dc=example,dc=org
objectClass: inetOrgPerson
uid: ada
cn: Ada
sn: Lovelace
userPassword: right-horse-of-the-test
`
