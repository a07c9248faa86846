import { oidc } from '@countersign/oidc'
import { testCountersign } from '@countersign/testing'
import type { VerifierSubject } from '@countersign/testing/conformance'
import { hostileCases, verifierCases } from '@countersign/testing/conformance'
import {
  fakeAuthority,
  fakeIssuer,
  fakeKey,
  signJwt,
  unsignedJwt,
} from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, anIssuedWorld, LOOPBACK, refusalOf, SUBJECT } from './support/world.ts'

describe('oidc()', () => {
  test('lets in whom the policy names, and tells rules what it attests', async () => {
    const { logIn, sign, countersign, host } = await anIssuedWorld({
      attest: { branch: 'ref', attempt: '/run/attempt' },
    })
    const { accessToken } = await logIn(sign({ ref: 'refs/heads/main', run: { attempt: 2 } }))
    const [, payload = ''] = accessToken.split('.')
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    expect(claims).toMatchObject({
      amr: ['oidc'],
      att: { branch: 'refs/heads/main', attempt: '2' },
    })
    await expect(countersign.authenticate(accessToken, {})).resolves.toMatchObject({
      method: 'oidc',
    })
    await expect(host.authMethods.list({ organization: 'acme', identity: 'x' })).rejects.toThrow()
  })

  test('asks its issuer twice in all, however many log in', async () => {
    const { logIn, issuer } = await anIssuedWorld()
    for (let count = 0; count < 20; count += 1) await logIn()
    expect(issuer.asked()).toHaveLength(2)
  })

  test('says in the event that keys are stale, while the issuer is down', async () => {
    const { logIn, issuer, countersign, events } = await anIssuedWorld()
    await logIn()
    issuer.answer('*', { status: 500, body: '' })
    countersign.clock.advance(3600)
    await logIn()
    await logIn()
    const granted = (await events()).filter(({ type }) => type === 'login.granted')
    expect(granted.map(({ details }) => details?.['notice'])).toEqual([
      undefined,
      'issuer_keys_stale',
      'issuer_keys_stale',
    ])
  })

  test('trusts the authority of its policy', async () => {
    const { ca, issue } = fakeAuthority()
    const world = await anIssuedWorld({ ca }, { certificate: issue(['127.0.0.1']) })
    await expect(world.logIn()).resolves.toMatchObject({ tokenType: 'Bearer' })
    const without = await world.byOidc(world.policy)
    const trusting = refusalOf(world.login(without, world.sign()))
    await expect(trusting).resolves.toMatchObject({ code: 'unavailable' })
  })

  test('names the check that failed, with what was expected and presented', async () => {
    const { logIn, sign, refusals } = await anIssuedWorld({ claims: { ref: 'refs/heads/main' } })
    await refusalOf(logIn(sign({ ref: 'refs/heads/evil' })))
    await refusalOf(logIn(sign({ aud: 'https://other.example' })))
    await refusalOf(logIn(sign({ sub: 'x'.repeat(50) })))
    expect((await refusals()).map(({ reason, details }) => ({ reason, ...details }))).toEqual([
      {
        reason: 'claim_not_allowed',
        method: 'oidc',
        check: 'claim ref',
        expected: '"refs/heads/main"',
        presented: 'refs/heads/evil',
        revision: 1,
      },
      {
        reason: 'wrong_audience',
        method: 'oidc',
        check: 'audience',
        expected: AUDIENCE,
        presented: 'https://other.example',
        revision: 1,
      },
      {
        reason: 'wrong_subject',
        method: 'oidc',
        check: 'subject',
        expected: `"${SUBJECT}"`,
        presented: 'a text of 50 characters',
        revision: 1,
      },
    ])
  })

  test('makes no policy public that it would not keep', async () => {
    const { host, identity, policy } = await anIssuedWorld()
    const key = { organization: 'acme', identity, method: 'oidc' } as const
    expect((await host.authMethods.get(key)).policy).toEqual(policy)
  })
})

const EARLIER = { iat: 1_700_000_000, exp: 1_700_000_300 }

describe('oidc(): the contract of verifiers', async () => {
  const issuer = await fakeIssuer({ now: () => new Date('2026-03-01T12:00:00Z') })
  const down = await fakeIssuer()
  await down.close()
  const host = testCountersign().asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const { identity } = await host.identities.create({ organization: 'acme', name: 'job' })
  const context = {
    identity,
    source: {},
    now: new Date('2026-03-01T12:00:00Z'),
    fetch: globalThis.fetch,
  }
  const policy = { issuer: issuer.url, audiences: [AUDIENCE], subject: SUBJECT }
  const good = { aud: AUDIENCE, sub: SUBJECT }
  const present =
    (claims: object, more: object = {}) =>
    () => ({
      policy: { ...policy, ...more },
      credential: { token: issuer.sign({ ...good, ...claims }) },
      context,
    })
  const subject: VerifierSubject = {
    verifier: oidc({ egress: LOOPBACK }) as VerifierSubject['verifier'],
    accepted: {
      'a good token': present({}),
      'a token at its last instant': present({ exp: 1_772_366_371 }),
    },
    rejected: {
      'another subject': present({ sub: 'x' }),
      'another audience': present({ aud: 'x' }),
      'an old token': present(EARLIER),
      'a token at its end': present({ exp: 1_772_366_370 }),
    },
    undecided: { 'an issuer that is down': present({ iss: down.url }, { issuer: down.url }) },
    unconstrained: [
      { issuer: issuer.url, audiences: [AUDIENCE] },
      { issuer: issuer.url, audiences: [AUDIENCE], claims: {} },
      { ...policy, subject: { glob: '**' } },
      { issuer: issuer.url, audiences: [AUDIENCE], claims: { ref: { not: 'x' } } },
      { issuer: issuer.url, subject: SUBJECT },
      { ...policy, audiences: [] },
    ],
    malformed: [
      {},
      { token: '' },
      { token: 7 },
      { token: 'x'.repeat(8193) },
      { token: 'x', more: 1 },
    ],
  }
  for (const { name, run } of verifierCases) test(name, () => run(subject))
})

describe('oidc(): somebody hostile', () => {
  for (const { name, run } of hostileCases)
    test(name, async () => {
      const { logIn, sign, issuer, events } = await anIssuedWorld({ replay: 'jti' })
      const [header = '', payload = ''] = sign().split('.')
      const stranger = fakeKey('ES256', { kid: issuer.key().kid })
      const claims = (): object => JSON.parse(Buffer.from(payload, 'base64url').toString())
      const seconds = issuedAt(claims())
      await run({
        honest: () => logIn(),
        events,
        hostile: {
          unsigned: () => logIn(`${header}.${payload}.`),
          none: () => logIn(unsignedJwt({ alg: 'none' }, claims(), 'AAAA')),
          wrong_key: () => logIn(signJwt(stranger, { alg: 'ES256', kid: stranger.kid }, claims())),
          wrong_audience: () => logIn(sign({ aud: 'https://other.example' })),
          other_issuer: () => logIn(sign({ iss: 'https://other.example' })),
          expired: () => logIn(sign({ iat: seconds - 600, exp: seconds - 30 })),
          not_yet_valid: () => logIn(sign({ nbf: seconds + 31 })),
          replayed: async () => {
            const token = sign()
            await logIn(token)
            return logIn(token)
          },
          oversized: () => logIn(sign({ padding: 'x'.repeat(5_000_000) })),
          malformed: () => logIn('not.a.token'),
          issuer_down: async () => {
            await issuer.close()
            return logIn()
          },
        },
      })
    })
})

function issuedAt(claims: object): number {
  return Number(Reflect.get(claims, 'iat'))
}
