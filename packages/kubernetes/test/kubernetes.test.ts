import { parseWith } from '@countersign/core/plugin'
import type { KubernetesPolicy } from '@countersign/kubernetes'
import { inCluster, kubernetes } from '@countersign/kubernetes'
import { hostileCases } from '@countersign/testing/conformance'
import { API_AUDIENCE, fakeKey, unsignedJwt } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, aCluster, claimsOf, refusalOf } from './support/world.ts'

const POD = { name: 'api-7f', uid: 'pod-uid' }
const NODE = { name: 'node-1', uid: 'node-uid' }
const NO_REVIEW = { host: undefined, ca: undefined, reviewerToken: undefined }

/** The policies of local mode, by where the keys come from. */
async function locally(from: 'jwks' | 'url' | 'keys') {
  const world = await aCluster()
  const { cluster, usual } = world
  const places: Record<typeof from, Partial<KubernetesPolicy>> = {
    jwks: { jwks: { keys: [cluster.key().jwk] }, ca: undefined },
    url: { jwksUrl: cluster.jwksUrl },
    keys: { keys: [{ jwk: cluster.key().jwk }], ca: undefined },
  }
  const { host: _host, reviewerToken: _token, ...rest } = usual
  const policy = JSON.parse(
    JSON.stringify({ ...rest, mode: 'local', issuer: cluster.issuer, ...places[from] }),
  )
  const identity = await world.attach(policy)
  return {
    ...world,
    policy,
    identity,
    logIn: (token = world.sign()) => world.login(identity, token),
  }
}

describe('kubernetes() in review mode', () => {
  test('lets in the service account, and records what its token is bound to', async () => {
    const { logIn, sign, account } = await aCluster()
    const { accessToken } = await logIn(sign({ pod: POD, node: NODE }))
    expect(claimsOf(accessToken)['att']).toEqual({
      namespace: 'prod',
      name: 'api',
      uid: account.uid,
      pod: 'api-7f',
      podUid: 'pod-uid',
      node: 'node-1',
    })
  })

  test('asks the cluster once per login, and shows its reviewer to nobody else', async () => {
    const { logIn, cluster, host, identity } = await aCluster()
    await logIn()
    await logIn()
    expect(cluster.asked()).toHaveLength(2)
    const shown = await host.authMethods.get({
      organization: 'acme',
      identity,
      method: 'kubernetes',
    })
    expect(shown.policy).toMatchObject({ reviewerToken: '[sealed]' })
  })

  test('asks nobody about what is refused anyway', async () => {
    const { logIn, sign, cluster, tokenOf } = await aCluster()
    const refused = ['x', 'a.b.c', sign({ claims: { exp: 1 } }), tokenOf('prod', 'other')]
    for (const token of refused)
      expect(await refusalOf(logIn(token))).toMatchObject({ code: 'invalid_credential' })
    expect(cluster.asked()).toEqual([])
  })

  test('marks no token for ever: one without an end is refused where replay is', async () => {
    const { logIn, sign, cluster } = await aCluster({ replay: 'jti' })
    const user = { username: 'system:serviceaccount:prod:api', uid: 'uid' }
    const status = { authenticated: true, user, audiences: [AUDIENCE] }
    cluster.answer({ status: 201, body: JSON.stringify({ status }) })
    const claims = { exp: undefined, 'kubernetes.io': undefined }
    expect(await refusalOf(logIn(sign({ claims })))).toMatchObject({ reason: 'no_expiry' })
  })

  test('wants a pod where the policy says so', async () => {
    const { logIn, sign } = await aCluster({ podBound: true })
    expect(await refusalOf(logIn())).toMatchObject({ reason: 'no_pod' })
    await expect(logIn(sign({ pod: POD }))).resolves.toBeDefined()
  })

  test('lets no default account in by a pattern', async () => {
    const { logIn, tokenOf, attach, usual, login } = await aCluster({
      serviceAccounts: [{ namespace: 'prod', name: { glob: '*' } }],
    })
    await expect(logIn()).resolves.toBeDefined()
    const token = tokenOf('prod', 'default')
    expect(await refusalOf(logIn(token))).toMatchObject({ reason: 'service_account_not_allowed' })
    const named = await attach({
      ...usual,
      serviceAccounts: [{ namespace: 'prod', name: 'default' }],
    })
    await expect(login(named, token)).resolves.toBeDefined()
  })

  test.each([
    ['without authority', 403, 'prod/nobody'],
    ['that is no token', 401, 'none'],
  ])('is unavailable with a reviewer %s (%i)', async (_what, _status, reviewer) => {
    const { attach, usual, login, sign, cluster } = await aCluster()
    const powerless = cluster.tokenOf(cluster.create('prod', 'nobody'), {
      audiences: [API_AUDIENCE],
    })
    const reviewerToken = reviewer === 'none' ? 'none' : powerless
    const identity = await attach({ ...usual, reviewerToken })
    expect(await refusalOf(login(identity, sign()))).toMatchObject({ code: 'unavailable' })
  })

  test('takes a token as its own reviewer only where the policy says so', async () => {
    const { attach, usual, login, cluster } = await aCluster()
    const { reviewerToken: _none, ...rest } = usual
    const serviceAccounts = [{ namespace: 'kube-system', name: 'reviewer' }]
    const policy = { ...rest, serviceAccounts, audiences: [API_AUDIENCE] }
    expect(await refusalOf(attach(policy))).toMatchObject({ code: 'invalid_request' })
    const identity = await attach({ ...policy, clientReviews: true })
    await expect(login(identity, cluster.reviewerToken())).resolves.toBeDefined()
  })

  test("uses the host's own cluster, whose files are read for every login", async () => {
    const read: string[] = []
    const { attach, usual, login, sign } = await aCluster({}, (cluster) => {
      const environment = {
        KUBERNETES_SERVICE_HOST: '127.0.0.1',
        KUBERNETES_SERVICE_PORT: new URL(cluster.url).port,
      }
      const readFile = async (path: string): Promise<string> => {
        read.push(path.split('/').at(-1) ?? '')
        return path.endsWith('/ca.crt') ? cluster.ca : `${cluster.reviewerToken()}\n`
      }
      return { cluster: inCluster(environment, readFile) }
    })
    const { host: _host, ca: _ca, reviewerToken: _token, ...own } = usual
    const identity = await attach(own)
    for (let count = 0; count < 2; count += 1)
      await expect(login(identity, sign())).resolves.toBeDefined()
    expect(read).toEqual(['token', 'ca.crt', 'token', 'ca.crt'])
    expect(() => inCluster({}, async () => '')).toThrow(TypeError)
  })
})

describe('kubernetes() in local mode', () => {
  test.each(['jwks', 'url', 'keys'] as const)(
    'believes the keys of the cluster (%s)',
    async (from) => {
      const { logIn, sign, account, tokenOf } = await locally(from)
      const { accessToken } = await logIn(sign({ pod: POD }))
      expect(claimsOf(accessToken)['att']).toMatchObject({
        namespace: 'prod',
        uid: account.uid,
        pod: 'api-7f',
      })
      expect(await refusalOf(logIn(tokenOf('prod', 'other')))).toMatchObject({
        reason: 'service_account_not_allowed',
      })
      const claims = { sub: 'system:serviceaccount:prod:other' }
      expect(await refusalOf(logIn(sign({ claims })))).toMatchObject({
        reason: 'no_service_account',
      })
    },
  )

  test('asks for keys in the words that a kube-apiserver takes', async () => {
    const { logIn, cluster } = await locally('url')
    for (let count = 0; count < 5; count += 1) await logIn()
    expect(cluster.asked()).toEqual(['GET /openid/v1/jwks'])
  })

  test('lets a deleted account in until its token ends, which is why it is a choice', async () => {
    const { logIn, sign, cluster, account } = await locally('jwks')
    const token = sign()
    cluster.delete(account)
    await expect(logIn(token)).resolves.toBeDefined()
  })
})

describe('the policy of kubernetes()', () => {
  const { policy } = kubernetes()
  const good = {
    audiences: ['a'],
    host: 'https://cluster.example:6443',
    reviewerToken: 'token',
    serviceAccounts: [{ namespace: 'prod', name: 'api' }],
  }
  test.each([
    ['no audience', { audiences: undefined }],
    ['nobody', { serviceAccounts: undefined }],
    ['every namespace', { serviceAccounts: [{ namespace: { glob: '*' }, name: 'api' }] }],
    [
      'every namespace, otherwise spelt',
      { serviceAccounts: [{ namespace: { glob: '?**' }, name: 'api' }] },
    ],
    ['names without namespaces', { serviceAccounts: undefined, names: ['api'] }],
    ['pairs and lists', { namespaces: ['prod'] }],
    ['no host', { host: undefined }],
    ['a private host', { host: 'https://10.0.0.1:6443' }],
    ['plain http', { host: 'http://cluster.example' }],
    ['no reviewer', { reviewerToken: undefined }],
    ['two reviewers', { clientReviews: true }],
    ['a reviewer with a line break', { reviewerToken: 'a\nb' }],
    ['keys in review mode', { issuer: 'https://x.example' }],
    [
      'a private key among certificates',
      { ca: '-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----' },
    ],
    ['a name that is none', { serviceAccounts: [{ namespace: 'Prod', name: 'api' }] }],
    ['local mode without an issuer', { ...NO_REVIEW, mode: 'local' }],
    [
      'local mode without keys',
      { ...NO_REVIEW, mode: 'local', issuer: 'kubernetes/serviceaccount' },
    ],
  ])('refuses %s', (_what, change) => {
    expect(parseWith(policy, good)).toHaveProperty('value')
    expect(parseWith(policy, JSON.parse(JSON.stringify({ ...good, ...change })))).toHaveProperty(
      'problem',
    )
  })
})

describe('kubernetes(): somebody hostile, in local mode', () => {
  for (const { name, run } of hostileCases)
    test(name, async () => {
      const world = await locally('url')
      const { policy, sign, attach, login, cluster, events } = world
      const identity = await attach({ ...policy, replay: 'jti' })
      await attack(run, {
        logIn: (token: string = sign()) => login(identity, token),
        sign,
        cluster,
        events,
      })
    })
})

describe('kubernetes(): somebody hostile, in review mode', () => {
  for (const { name, run } of hostileCases)
    test(name, async () => attack(run, await aCluster({ replay: 'jti' })))
})

type World = Pick<Awaited<ReturnType<typeof aCluster>>, 'logIn' | 'sign' | 'cluster' | 'events'>

/** 2026-03-01T12:00:00Z */
const NOW = 1_772_366_400

async function attack(
  run: (typeof hostileCases)[number]['run'],
  { logIn, sign, cluster, events }: World,
) {
  const [header = '', payload = ''] = sign().split('.')
  const stranger = fakeKey('RS256', { kid: cluster.key().kid })
  await run({
    honest: () => logIn(),
    events,
    hostile: {
      unsigned: () => logIn(`${header}.${payload}.`),
      none: () => logIn(unsignedJwt({ alg: 'none' }, claimsOf(sign()), 'AAAA')),
      wrong_key: () => logIn(sign({ key: stranger })),
      wrong_audience: () => logIn(sign({ audiences: ['https://other.example'] })),
      other_issuer: () => logIn(sign({ claims: { iss: 'https://other.example' } })),
      expired: () => logIn(sign({ claims: { iat: NOW - 600, exp: NOW - 30 } })),
      not_yet_valid: () => logIn(sign({ claims: { nbf: NOW + 31 } })),
      replayed: async () => {
        const token = sign()
        await logIn(token)
        return logIn(token)
      },
      oversized: () => logIn(sign({ claims: { padding: 'x'.repeat(5_000_000) } })),
      malformed: () => logIn(`${AUDIENCE}.x`),
      issuer_down: async () => {
        await cluster.close()
        return logIn()
      },
    },
  })
}
