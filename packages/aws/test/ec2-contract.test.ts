import { generateKeyPairSync } from 'node:crypto'
import { awsEc2 } from '@countersign/aws'
import { testCountersign } from '@countersign/testing'
import type { VerifierSubject } from '@countersign/testing/conformance'
import { verifierCases } from '@countersign/testing/conformance'
import { fakeEc2 } from '@countersign/testing/fakes'
import { afterAll, describe, test } from 'vitest'
import { ACCOUNT } from './support/names.ts'

const NOW = new Date('2026-03-01T12:00:00Z')
const HOUR = 3600

describe('awsEc2(): the contract of verifiers', async () => {
  const instance = await fakeEc2({ now: () => NOW })
  afterAll(() => instance.close())
  const host = testCountersign().asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const { identity } = await host.identities.create({ organization: 'acme', name: 'job' })
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const policy = { accounts: [ACCOUNT], maxAge: HOUR }
  const nonce = 'n'.repeat(32)
  const at = (milliseconds: number) => ({
    context: {
      identity,
      source: {},
      now: new Date(NOW.getTime() + milliseconds),
      fetch: globalThis.fetch,
    },
  })
  const shown =
    (changes: object = {}, key?: typeof stranger) =>
    () => ({
      policy,
      credential: { pkcs7: instance.sign(instance.document({ ...changes }), key), nonce },
      ...at(0),
    })
  const aged = (milliseconds: number) => () => ({ ...shown()(), ...at(milliseconds) })

  const subject: VerifierSubject = {
    verifier: awsEc2({ certificates: { 'eu-west-1': instance.certificate } }),
    accepted: {
      'a document': shown(),
      'the last instant': aged(HOUR * 1000 - 1),
      'a clock that is a minute behind': aged(-60_000),
    },
    rejected: {
      'an instant too late': aged(HOUR * 1000),
      'an instant too early': aged(-60_001),
      'another account': shown({ accountId: '222222222222' }),
      'another region': shown({ region: 'eu-west-2' }),
      'a key of somebody else': shown({}, stranger),
      'no PKCS7': () => ({ ...shown()(), credential: { pkcs7: 'AAAA', nonce } }),
    },
    undecided: {},
    unconstrained: [{}, { regions: ['eu-west-1'] }, { images: ['ami-5fb8c835'] }, { maxAge: 60 }],
    malformed: [{}, { pkcs7: 'AAAA' }, { pkcs7: '!', nonce }, { pkcs7: 'AAAA', nonce: 'short' }],
  }
  for (const { name, run } of verifierCases) test(name, () => run(subject))
})
