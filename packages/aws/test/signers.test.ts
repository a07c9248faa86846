import { canonicalRequest, signatureOf } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { headersOf, toCredential } from './support/sign.ts'
import { isThere, signers, signVanilla } from './support/signers.ts'
import { anAws, refusalOf } from './support/world.ts'

// AWS's own example of a signed request (aws-sig-v4-test-suite, get-vanilla and post-vanilla).
const EXAMPLE = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
const SCOPE = { day: '20150830', region: 'us-east-1', service: 'service', date: '20150830T123600Z' }
const HEADERS = { host: 'example.amazonaws.com', 'x-amz-date': SCOPE.date }

describe('Signature Version 4, as AWS published it', () => {
  test.each([
    ['GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'GET',
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
  ])('the fake STS knows the signature of %s %s', (method, target, signature) => {
    const received = { method, target, headers: HEADERS, body: '' }
    const canonical = canonicalRequest(received, ['host', 'x-amz-date'])
    expect(signatureOf(canonical, SCOPE, EXAMPLE.secretAccessKey)).toBe(signature)
    expect(signatureOf(canonical, SCOPE, 'another')).not.toBe(signature)
  })

  test("and so does AWS's own signer", async () => {
    const authorization = await signVanilla(EXAMPLE, '2015-08-30T12:36:00Z')
    expect(authorization).toContain(
      'Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    )
  })
})

/** A world whose clock shows the time of this machine: the signers read no other. */
async function today() {
  const world = await anAws()
  const now = Math.floor((Date.now() - world.clock.now().getTime()) / 1000)
  if (now < 0) throw new Error('The clock of this machine is behind that of the tests')
  world.clock.advance(now)
  return world
}

for (const [name, sign] of Object.entries(signers))
  describe(`a request that ${name} signed`, () => {
    test.skipIf(!isThere(name))('logs in; a changed one does not', async () => {
      const { logIn, keys, sts } = await today()
      const credential = await sign(keys)
      for (const changed of changes(credential))
        expect(await refusalOf(logIn(changed))).toMatchObject({ code: 'invalid_credential' })
      await expect(logIn(credential)).resolves.toBeDefined()
      expect(sts.asked().length).toBeGreaterThanOrEqual(1)
    })

    test.skipIf(!isThere(name))('logs in for a user without a session, too', async () => {
      const { attach, login, sts } = await today()
      const user = sts.createUser('222222222222', 'bob', '/team/')
      const principals = ['arn:aws:iam::222222222222:user/team/bob']
      const identity = await attach({ principals })
      await expect(login(identity, await sign(user))).resolves.toBeDefined()
    })
  })

type Credential = Awaited<ReturnType<(typeof signers)[string]>>

function changes(credential: Credential): readonly Credential[] {
  if ('presignedUrl' in credential) {
    const { presignedUrl } = credential
    return [
      ['eu-west-1.amazonaws', 'eu-west-2.amazonaws'],
      ['Expires=60', 'Expires=61'],
      ['GetCallerIdentity', 'GetSessionToken'],
      ['x-countersign-audience', 'x-countersign-audienc'],
    ].map(([from = '', to = '']) => ({ presignedUrl: presignedUrl.replace(from, to) }))
  }
  if (!('headers' in credential)) throw new Error('No signer makes such a credential')
  const headers = headersOf(credential)
  const named = (name: string): string =>
    Object.keys(headers).find((known) => known.toLowerCase() === name) ?? name
  const withHeader = (name: string, value: unknown) =>
    toCredential({ ...headers, [named(name)]: value })
  const date = String(headers[named('x-amz-date')])
  return [
    withHeader('x-countersign-audience', 'https://other.example'),
    withHeader('host', 'sts.us-east-1.amazonaws.com'),
    withHeader('host', 'sts.eu-west-1.api.aws'),
    withHeader('x-amz-date', `${date.slice(0, -2)}${(Number(date.at(-2)) + 1) % 10}Z`),
    withHeader('x-amz-security-token', 'another'),
    {
      ...credential,
      body: Buffer.from('Version=2011-06-15&Action=GetCallerIdentity').toString('base64'),
    },
    {
      ...credential,
      body: Buffer.from('Action=GetSessionToken&Version=2011-06-15').toString('base64'),
    },
  ]
}
