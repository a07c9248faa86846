import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { API_AUDIENCE, fakeCluster } from '@countersign/testing/fakes'
import { ApiException, AuthenticationV1Api, KubeConfig } from '@kubernetes/client-node'

// A second opinion on the fake cluster: the client of the Kubernetes project reads its answers as those of a real one.

const cluster = await fakeCluster()
const account = cluster.create('prod', 'api')

function clientWith(token: string): AuthenticationV1Api {
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [
      { name: 'fake', server: cluster.url, caData: Buffer.from(cluster.ca).toString('base64') },
    ],
    users: [{ name: 'reviewer', token }],
    contexts: [{ name: 'fake', cluster: 'fake', user: 'reviewer' }],
    currentContext: 'fake',
  })
  return config.makeApiClient(AuthenticationV1Api)
}

async function review(
  token: string,
  reviewer = cluster.reviewerToken(),
  audiences = ['countersign'],
) {
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, audiences },
  }
  const { status } = await clientWith(reviewer).createTokenReview({ body })
  return status
}

after(() => cluster.close())

test('The client reads a good review, its audiences and what the token is bound to', async () => {
  const pod = { name: 'api-7f', uid: 'pod-uid' }
  const status = await review(cluster.tokenOf(account, { audiences: ['countersign', 'x'], pod }))
  assert.equal(status?.authenticated, true)
  assert.deepEqual(status?.audiences, ['countersign'])
  assert.equal(status?.user?.username, 'system:serviceaccount:prod:api')
  assert.deepEqual(status?.user?.extra?.['authentication.kubernetes.io/pod-uid'], ['pod-uid'])
})

test('The client reads a refusal as a review, not as an error', async () => {
  const status = await review(cluster.tokenOf(account, { audiences: ['other'] }))
  assert.equal(status?.authenticated, undefined)
  assert.match(status?.error ?? '', /is invalid for the target audiences \["countersign"\]/)
})

for (const [what, code] of [
  ['has no authority', 403],
  ['is nobody', 401],
] as const)
  test(`The client is told by ${code} that a reviewer ${what}`, async () => {
    const reviewer =
      code === 403 ? cluster.tokenOf(account, { audiences: [API_AUDIENCE] }) : 'nobody'
    await assert.rejects(
      review('x.y.z', reviewer),
      (error) => error instanceof ApiException && error.code === code,
    )
  })
