import type { AwsEc2Credential, AwsEc2Policy, RegionalCertificates } from '@countersign/aws'
import { awsEc2 } from '@countersign/aws'
import { testCountersign } from '@countersign/testing'
import { fakeEc2 } from '@countersign/testing/fakes'
import { ACCOUNT, HOME } from './names.ts'
import { closing } from './world.ts'

export const NONCE = 'a-nonce-that-was-made-up-at-first'
export const OTHER_NONCE = 'what-a-thief-of-the-document-says'
export const DAY = 86_400

const START = new Date('2026-03-01T12:00:00Z')

/** An instant so many seconds after the instances of these tests were started. */
export const AFTER = (seconds: number) => (): Date => new Date(+START + seconds * 1000)

/** An engine that knows an instance's region, and an identity that its account logs in to. */
export async function aFleet(certificates: RegionalCertificates = {}) {
  const instance = closing(await fakeEc2({ now: AFTER(0) }))
  const verifier = awsEc2({
    certificates: {
      'eu-west-1': instance.certificate,
      'eu-central-1': instance.certificate,
      ...certificates,
    },
  })
  const countersign = testCountersign({ verifiers: [verifier], rateLimits: 'off' })
  const { clock } = countersign
  clock.set(START)
  const host = countersign.asHost('test')
  for (const id of ['acme', 'other']) await host.organizations.create({ id, name: id })
  const attach = async (
    policy: AwsEc2Policy = { accounts: [ACCOUNT] },
    organization = 'acme',
  ): Promise<string> => {
    const authMethod = { method: 'aws-ec2', policy, lockout: 'off' } as const
    const { identity } = await host.identities.create({ organization, name: 'web', authMethod })
    return identity.id
  }
  const identity = await attach()
  const logIn = (changes: Partial<AwsEc2Credential> = {}, to = identity) => {
    const credential = { pkcs7: instance.sign(), nonce: NONCE, ...changes }
    return countersign.login({ method: 'aws-ec2', identity: to, credential }, HOME)
  }
  return { instance, clock, countersign, host, attach, identity, logIn }
}
