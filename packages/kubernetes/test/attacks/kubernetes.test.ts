import { isRejection } from '@countersign/core/plugin'
import { systemNetwork } from '@countersign/evidence'
import type { KubernetesPolicy } from '@countersign/kubernetes'
import type { FakeAnswer, FakeCluster } from '@countersign/testing/fakes'
import { answerWith, startServer } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, aCluster, claimsOf, closing, refusalOf } from '../support/world.ts'

const USER = {
  username: 'system:serviceaccount:prod:api',
  uid: 'uid',
  groups: ['system:serviceaccounts'],
}

/** What a cluster could answer about a token. */
function review(status: object, more: Partial<FakeAnswer> = {}): FakeAnswer {
  return { status: 201, body: JSON.stringify({ kind: 'TokenReview', status }), ...more }
}

const good = { authenticated: true, user: USER, audiences: [AUDIENCE] }

/** A world whose tokens say nothing of themselves that disagrees with what a test has the cluster answer. */
async function answering() {
  const world = await aCluster()
  const token = world.sign({ claims: { 'kubernetes.io': undefined } })
  return {
    ...world,
    answered: (answer: Parameters<FakeCluster['answer']>[0]) => {
      world.cluster.answer(answer)
      return world.logIn(token)
    },
  }
}

describe('what a cluster answers about a token', () => {
  test('K8S-001 is a yes only where it is exactly true', async () => {
    const { answered } = await answering()
    await expect(answered(review(good))).resolves.toBeDefined()
    const others = [
      { ...good, authenticated: false },
      { ...good, authenticated: 'true' },
      { ...good, authenticated: 1 },
      { user: USER, audiences: [AUDIENCE] },
      { ...good, error: 'invalid bearer token' },
      { user: {}, error: 'invalid bearer token' },
      { authenticated: true, audiences: [AUDIENCE] },
    ]
    for (const status of others)
      expect(await refusalOf(answered(review(status)))).toMatchObject({
        reason: 'token_not_authenticated',
      })
  })

  test.each([[undefined], [[]], [['other']], ['countersign'], [{ 0: AUDIENCE }]])(
    'is a no where the audience is not ours: %j',
    async (audiences) => {
      const { answered } = await answering()
      expect(await refusalOf(answered(review({ ...good, audiences })))).toMatchObject({
        reason: 'wrong_audience',
      })
    },
  )

  test('K8S-003 names a service account in exactly four parts', async () => {
    const { answered, cluster, logIn } = await answering()
    const others = [
      'system:serviceaccount:prod',
      'system:serviceaccount:prod:api:x',
      'admin',
      'system:serviceaccount:prod:api\n',
      'x system:serviceaccount:prod:api',
      'system:serviceaccount:prod:',
      'system:serviceaccount::api',
      'System:serviceaccount:prod:api',
      'system:serviceaccount:prod:Api',
      'system:node:prod:api',
      undefined,
      ['system:serviceaccount:prod:api'],
    ]
    for (const username of others) {
      const user = { ...USER, username }
      expect(await refusalOf(answered(review({ ...good, user })))).toMatchObject({
        reason: 'no_service_account',
      })
    }
    cluster.answer(undefined)
    cluster.addUser('a.static.token', 'admin')
    expect(await refusalOf(logIn('a.static.token'))).toMatchObject({ code: 'invalid_credential' })
  })

  test('K8S-004 a namespace and a name belong together, unless two lists say otherwise', async () => {
    const pairs = [
      { namespace: 'a', name: 'x' },
      { namespace: 'b', name: 'y' },
    ]
    const { attach, usual, logIn, login, tokenOf } = await aCluster({ serviceAccounts: pairs })
    await logIn(tokenOf('a', 'x'))
    await logIn(tokenOf('b', 'y'))
    const crossed = tokenOf('a', 'y')
    expect(await refusalOf(logIn(crossed))).toMatchObject({ reason: 'service_account_not_allowed' })
    const { serviceAccounts: _pairs, ...rest } = usual
    const lists = await attach({ ...rest, namespaces: ['a', 'b'], names: ['x', 'y'] })
    await expect(login(lists, crossed)).resolves.toBeDefined()
  })

  test('K8S-005 an account that was made again is another where its uid is bound', async () => {
    const { attach, usual, login, account, sign, cluster } = await aCluster()
    const serviceAccounts = [{ namespace: 'prod', name: 'api', uid: account.uid }]
    const identity = await attach({ ...usual, serviceAccounts })
    await login(identity, sign())
    const again = cluster.create('prod', 'api')
    const token = cluster.tokenOf(again, { audiences: [AUDIENCE] })
    expect(await refusalOf(login(identity, token))).toMatchObject({ reason: 'wrong_uid' })
    expect(await refusalOf(login(identity, sign()))).toMatchObject({
      reason: 'token_not_authenticated',
    })
  })

  test('K8S-006 no yes is remembered: a deleted account is out as soon as its cluster says so', async () => {
    const { logIn, sign, cluster, account, countersign } = await aCluster()
    const token = sign()
    await logIn(token)
    cluster.delete(account)
    // The API server itself repeats a yes for ten seconds.
    countersign.clock.advance(9)
    await expect(logIn(token)).resolves.toBeDefined()
    countersign.clock.advance(1)
    expect(await refusalOf(logIn(token))).toMatchObject({ reason: 'token_not_authenticated' })
    expect(cluster.asked()).toHaveLength(3)
  })

  test('K8S-007 a reviewer token goes to no other server', async () => {
    const seen: unknown[] = []
    const other = closing(
      await startServer((request, response) => {
        seen.push(request.headers.authorization)
        answerWith(response, review(good))
      }),
    )
    const { answered } = await answering()
    for (const status of [301, 302, 307, 308]) {
      const redirect = { status, body: '', headers: { location: other.url } }
      expect(await refusalOf(answered(redirect))).toMatchObject({ code: 'unavailable' })
    }
    expect(seen).toEqual([])
    const plain = aCluster({ host: other.url })
    expect(await refusalOf(plain)).toMatchObject({ code: 'invalid_request' })
  })

  test('K8S-007 a name that points elsewhere by now is not dialled', async () => {
    const addresses = [['127.0.0.1'], ['169.254.169.254']]
    const network = { ...systemNetwork(), resolve: async () => addresses.shift() }
    const { logIn } = await aCluster({}, () => ({ network }))
    await expect(logIn()).resolves.toBeDefined()
    expect(await refusalOf(logIn())).toMatchObject({ code: 'unavailable' })
  })

  test('K8S-008 without an authority the system decides, and nobody is trusted blindly', async () => {
    const { logIn, cluster } = await aCluster({
      ca: undefined,
    } as unknown as Partial<KubernetesPolicy>)
    expect(await refusalOf(logIn())).toMatchObject({ code: 'unavailable' })
    expect(cluster.asked()).toEqual([])
  })

  test.each([
    ['a flood', 'flood' as const],
    ['a page', { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['a list', { status: 201, body: '[]' }],
    ['nothing', { status: 201, body: '' }],
    ['an error', { status: 500, body: '{}' }],
    ['a review without a status', { status: 201, body: '{"kind":"TokenReview"}' }],
    ['more than 64 kB', review({ ...good, padding: 'x'.repeat(65_536) })],
  ])('K8S-009 %s is no verdict', async (_what, answer) => {
    const { answered } = await answering()
    expect(await refusalOf(answered(answer))).toMatchObject({ code: 'unavailable' })
  })

  test('K8S-009 a server that says nothing is waited for until the deadline of the login', async () => {
    const { answered, countersign, cluster } = await answering()
    const attempt = refusalOf(answered('hang'))
    while (cluster.asked().length === 0) await new Promise((resolve) => setImmediate(resolve))
    countersign.clock.advance(10)
    expect(await attempt).toMatchObject({ code: 'unavailable' })
  })

  test('K8S-010 a token that may not review itself is refused, and the hint is in the event alone', async () => {
    const { logIn, sign, events } = await aCluster({
      reviewerToken: undefined,
      clientReviews: true,
      audiences: [AUDIENCE, 'https://kubernetes.default.svc'],
    } as unknown as Partial<KubernetesPolicy>)
    const both = sign({ audiences: [AUDIENCE, 'https://kubernetes.default.svc'] })
    for (const [token, status] of [
      [both, 403],
      [sign(), 401],
    ] as const) {
      const error = await refusalOf(logIn(token))
      expect(error).toMatchObject({ code: 'invalid_credential', reason: 'reviewer_refused' })
      expect(JSON.stringify([error, error.message])).not.toMatch(/delegator|40/)
      expect((await events()).at(-1)?.details).toMatchObject({
        check: 'reviewer',
        expected: 'a token that may create token reviews (system:auth-delegator)',
        presented: `the answer ${status} of the API server`,
      })
    }
  })

  test('K8S-011 groups grant nothing, and are not even told', async () => {
    const { answered, countersign } = await answering()
    const user = { ...USER, groups: ['system:masters'], extra: { 'countersign/role': ['admin'] } }
    const { accessToken } = await answered(review({ ...good, user }))
    expect(claimsOf(accessToken)['att']).toEqual({ namespace: 'prod', name: 'api', uid: 'uid' })
    const principal = await countersign.authenticate(accessToken, {})
    const attempt = countersign.as(principal).identities.list({ organization: 'acme' })
    expect(await refusalOf(attempt)).toMatchObject({ code: 'permission_denied' })
  })

  test('K8S-012 a glob has the separators of names, and no star is empty', async () => {
    const { answered } = await answering()
    const { attach, usual, login, tokenOf } = await aCluster()
    const serviceAccounts = [{ namespace: { glob: 'team-*' }, name: { glob: 'api.*' } }]
    const identity = await attach({ ...usual, serviceAccounts })
    for (const namespace of ['team-a', 'team-a-evil'])
      await expect(login(identity, tokenOf(namespace, 'api.v1'))).resolves.toBeDefined()
    for (const [namespace, name] of [
      ['team', 'api.v1'],
      ['xteam-a', 'api.v1'],
      ['team-a', 'api'],
      ['team-a', 'api.v1.x'],
    ] as const)
      expect(await refusalOf(login(identity, tokenOf(namespace, name)))).toMatchObject({
        reason: 'service_account_not_allowed',
      })
    for (const namespace of ['team-', 'team-*']) {
      const user = { ...USER, username: `system:serviceaccount:${namespace}:api` }
      expect(await refusalOf(answered(review({ ...good, user })))).toMatchObject({
        reason: 'no_service_account',
      })
    }
    expect(isRejection(identity)).toBe(false)
  })
})
