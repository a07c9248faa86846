import { randomBytes } from 'node:crypto'
import type { FakeIssuer } from '@countersign/testing/fakes'
import { fakeIssuer } from '@countersign/testing/fakes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AUDIENCE, createReleases } from '../src/app.ts'
import { publishFrom } from '../src/job.ts'

const ENVIRONMENT = {
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://runner.example/token?api-version=2.0',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner',
}
const JOB = {
  sub: 'repo:acme/app:ref:refs/heads/main',
  repository: 'acme/app',
  repository_id: '123456789',
  repository_owner_id: '42',
  ref: 'refs/heads/main',
  event_name: 'push',
}

let issuer: FakeIssuer
let publish: Awaited<ReturnType<typeof createReleases>>
beforeAll(async () => {
  issuer = await fakeIssuer()
  const egress = { allow: ['127.0.0.1'], ports: 'any', loopbackHttp: true } as const
  publish = await createReleases(randomBytes(32).toString('base64url'), issuer.url, { egress })
})
afterAll(() => issuer.close())

/** The runner, which writes tokens about the job, and the service: what a job can reach. */
function network(job: object): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const { searchParams, href } = new URL(request.url)
    if (href.startsWith(AUDIENCE)) return publish(request)
    const aud = searchParams.get('audience')
    return Response.json({ value: issuer.sign({ ...job, aud }) })
  }
}

test('A job on the main branch publishes, without a secret in the repository', async () => {
  expect(await publishFrom(ENVIRONMENT, AUDIENCE, network(JOB))).toBe(201)
})

test.each([
  ['of a pull request', { event_name: 'pull_request', ref: 'refs/pull/7/merge' }],
  ['on another branch', { ref: 'refs/heads/feature' }],
  ['of another repository that took the old name', { repository_id: '987654321' }],
  ['for another service', { aud: 'https://github.com/acme' }],
])('A job %s does not', async (_what, change) => {
  const job = { ...JOB, ...change }
  const send: typeof fetch = async (input, init) => {
    if (!('aud' in job)) return network(job)(input, init)
    const request = new Request(input, init)
    return request.url.startsWith(AUDIENCE)
      ? publish(request)
      : Response.json({ value: issuer.sign(job) })
  }
  expect(await publishFrom(ENVIRONMENT, AUDIENCE, send)).toBe(401)
})
