import { aws } from '@countersign/aws'
import { testCountersign } from '@countersign/testing'
import type { VerifierSubject } from '@countersign/testing/conformance'
import { verifierCases } from '@countersign/testing/conformance'
import { fakeSts } from '@countersign/testing/fakes'
import { afterAll, describe, expect, test } from 'vitest'
import { ACCOUNT, AUDIENCE, ROLE_ARN } from './support/names.ts'
import { presign, signPost, toCredential } from './support/sign.ts'

const NOW = new Date('2026-03-01T12:00:00Z')

describe('aws(): the contract of verifiers', async () => {
  const sts = await fakeSts({ now: () => NOW })
  const down = await fakeSts()
  await down.close()
  afterAll(() => sts.close())
  const host = testCountersign().asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const { identity } = await host.identities.create({ organization: 'acme', name: 'job' })
  const context = { identity, source: {}, now: NOW, fetch: globalThis.fetch }
  const policy = { accounts: [ACCOUNT], principals: [ROLE_ARN] }
  const keys = sts.assumeRole(ACCOUNT, 'app')
  const other = sts.assumeRole(ACCOUNT, 'other')
  const ago = (seconds: number) => ({ now: new Date(NOW.getTime() - seconds * 1000) })
  const present = async (credential: unknown, wanted: unknown = policy) => ({
    policy: wanted,
    credential: await credential,
    context,
  })
  const subjectOf = ({ url, ca }: { readonly url: string; readonly ca: string }) =>
    aws({ audience: AUDIENCE, endpoints: [{ url, ca }] })

  const subject: VerifierSubject = {
    verifier: subjectOf(sts),
    accepted: {
      'a POST': () => present(signPost(keys, ago(0))),
      'a presigned URL': () => present(presign(keys, ago(0))),
      'the last second': () => present(signPost(keys, ago(899))),
    },
    rejected: {
      'an instant too late': () => present(signPost(keys, ago(900))),
      'an instant too early': () => present(signPost(keys, ago(-301))),
      'another role': () => present(signPost(other, ago(0))),
      'another audience': () => present(signPost(keys, { ...ago(0), audience: 'other' })),
      'a wrong key': () => present(signPost({ ...keys, secretAccessKey: 'x' }, ago(0))),
      'no signature': () => present(toCredential({})),
    },
    undecided: {},
    unconstrained: [{}, { partition: 'aws' }, { maxAge: 60 }],
    malformed: [{}, { body: 'x' }, { presignedUrl: '' }, { presignedUrl: 'x', body: 'y' }],
  }
  for (const { name, run } of verifierCases) test(name, () => run(subject))

  test('verify MUST throw where it could not tell, because STS is down', async () => {
    const undecided = { 'STS is down': () => present(signPost(keys, ago(0))) }
    const throws = verifierCases.find(({ name }) => name.startsWith('verify MUST throw'))
    expect(throws).toBeDefined()
    await throws?.run({ ...subject, verifier: subjectOf(down), undecided })
  })
})
