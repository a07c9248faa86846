import { randomBytes } from 'node:crypto'
import { aws } from '@countersign/aws'
import type { Storage } from '@countersign/core'
import { createCountersign, memoryStorage } from '@countersign/core'
import type { FakeAnswer, StsErrorCode } from '@countersign/testing/fakes'
import { answerWith, fakeSts, identityAnswer, startServer } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { ACCOUNT, AUDIENCE, HOME } from '../support/names.ts'
import { BODY, headersOf, signPost, toCredential } from '../support/sign.ts'
import { anAws, closing, refusalOf } from '../support/world.ts'

const VERSION = 'Version=2011-06-15'
const XML = { 'content-type': 'text/xml' }
const SESSION = {
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/app/session`,
  userId: 'AROAABCDEFGHIJKLMNOP:session',
  account: ACCOUNT,
}

describe('what is signed', () => {
  test.each([
    [`Action=AssumeRoleWithWebIdentity&${VERSION}`],
    [`Action=GetSessionToken&${VERSION}`],
    [`Action=GetCallerIdentity&Action=X&${VERSION}`],
    [`Action=GetCallerIdentity&action=GetSessionToken&${VERSION}`],
    [`action=GetCallerIdentity&${VERSION}`],
    [`${BODY}&X=1`],
    ['Action=GetCallerIdentity&Version=2012-01-01'],
    ['Action=GetCallerIdentity'],
  ])('AWS-001 is one action: %s is not', async (body) => {
    const { logIn, sign, sts } = await anAws()
    const error = await refusalOf(logIn(await sign({ body })))
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'wrong_action' })
    expect(sts.asked()).toEqual([])
  })

  test('AWS-001 the one action is let in, in either order', async () => {
    const { logIn, sign } = await anAws()
    await expect(logIn(await sign())).resolves.toBeDefined()
    const swapped = await sign({ body: `${VERSION}&Action=GetCallerIdentity` })
    await expect(logIn(swapped)).resolves.toBeDefined()
  })

  test.each([
    'sts.amazonaws.com.evil.net',
    'evil.net',
    'sts.us-east-1.amazonaws.com@evil',
    'sts.us-east-1.amazonaws.com:443#x',
    'sts.us-east-1.amazonaws.com:443',
    'sts.us-east-1.amazonaws.com.',
    'STS.us-east-1.amazonaws.com',
    '127.0.0.1',
    '',
  ])('AWS-002 a host that is not in the table is not asked: %s', async (host) => {
    const seen: string[] = []
    const network = {
      resolve: async (name: string) => {
        seen.push(name)
        return undefined
      },
      send: async () => ({ status: 500, headers: {}, body: new Uint8Array() }),
      deadline: () => new AbortController().signal,
    }
    const { logIn, sign } = await anAws({}, { network, endpoints: [] })
    const credential = await sign({ region: 'us-east-1', after: { host } })
    expect(await refusalOf(logIn(credential))).toMatchObject({ code: 'invalid_credential' })
    expect(seen).toEqual([])
  })

  test('AWS-002 nor is a region that would make one', async () => {
    const { logIn, sign, sts } = await anAws()
    const credential = await sign()
    for (const region of ['evil.net/', 'x@evil', 'eu-west-1.evil', 'evil-net']) {
      const headers = headersOf(credential)
      const authorization = headers['authorization']?.replace('/eu-west-1/', `/${region}/`)
      const changed = toCredential({ ...headers, host: undefined, authorization })
      expect(await refusalOf(logIn(changed))).toMatchObject({ code: 'invalid_credential' })
    }
    expect(sts.asked()).toEqual([])
  })

  const EXTRA = {
    accept: 'application/json',
    'x-forwarded-host': 'evil.net',
    'transfer-encoding': 'chunked',
    connection: 'close',
    'proxy-authorization': 'Basic x',
    'x-amz-target': 'X',
    'x-http-method-override': 'GET',
    expect: '100-continue',
  }
  test.each(Object.entries(EXTRA))(
    'AWS-004 has no header %s, signed or not',
    async (name, value) => {
      const { logIn, sign, sts } = await anAws()
      const signed = await sign({ headers: { [name]: value } })
      const unsigned = await sign({ after: { [name]: value } })
      for (const credential of [signed, unsigned])
        expect(await refusalOf(logIn(credential))).toMatchObject({
          code: 'invalid_credential',
          reason: 'header_not_allowed',
        })
      expect(sts.asked()).toEqual([])
    },
  )

  test.each([
    ['16 minutes ago', -960, 'request_expired'],
    ['15 minutes ago', -900, 'request_expired'],
    ['in 6 minutes', 360, 'request_of_the_future'],
    ['in 5 minutes and a second', 301, 'request_of_the_future'],
  ])('AWS-006 a request signed %s is refused', async (_when, seconds, reason) => {
    const { logIn, sign, clock, sts } = await anAws()
    const now = new Date(clock.now().getTime() + seconds * 1000)
    expect(await refusalOf(logIn(await sign({ now })))).toMatchObject({ reason })
    expect(sts.asked()).toEqual([])
  })

  test.each([-899, 0, 300])('AWS-006 one signed %i seconds from now is not', async (seconds) => {
    const { logIn, sign, clock } = await anAws()
    const now = new Date(clock.now().getTime() + seconds * 1000)
    await expect(logIn(await sign({ now }))).resolves.toBeDefined()
  })

  test.each([
    '20260301',
    '2026-03-01T12:00:00Z',
    '20260301T126000Z',
    '20260230T120000Z',
    '20260301T120000Z, 20260301T120001Z',
    '20260302T000000Z',
  ])('AWS-006 the date %s is none', async (date) => {
    const { logIn, sign, sts } = await anAws()
    const credential = await sign({ after: { 'x-amz-date': date } })
    expect(await refusalOf(logIn(credential))).toMatchObject({ reason: 'date_malformed' })
    const two = await sign({ after: { date: 'Sun, 01 Mar 2026 12:00:00 GMT' } })
    expect(await refusalOf(logIn(two))).toMatchObject({ reason: 'header_not_allowed' })
    expect(sts.asked()).toEqual([])
  })

  test('AWS-007 opens one login, on however many nodes and however often it is sent', async () => {
    const sts = closing(await fakeSts())
    const storage = memoryStorage()
    const nodes = [1, 2, 3, 4].map(() => aNode(storage, sts))
    const [first] = nodes
    await first?.ready()
    const host = first?.asHost('test')
    await host?.organizations.create({ id: 'acme', name: 'Acme' })
    const policy = { accounts: [ACCOUNT] }
    const authMethod = { method: 'aws', policy, lockout: 'off' } as const
    const made = await host?.identities.create({ organization: 'acme', name: 'worker', authMethod })
    const identity = String(made?.identity.id)
    const credential = await signPost(sts.assumeRole(ACCOUNT, 'app'))
    const attempts = Array.from({ length: 100 }, (_, index) =>
      nodes[index % 4]?.login({ method: 'aws', identity, credential }, HOME),
    )
    const settled = await Promise.allSettled(attempts)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason.reason] : []))
    expect(new Set(reasons)).toEqual(new Set(['evidence_replayed']))
  })

  test('AWS-007 the mark outlives the request', async () => {
    const { logIn, sign, clock } = await anAws()
    const now = new Date(clock.now().getTime() + 300_000)
    const credential = await sign({ now })
    await logIn(credential)
    clock.advance(1199)
    expect(await refusalOf(logIn(credential))).toMatchObject({ reason: 'evidence_replayed' })
    clock.advance(1)
    expect(await refusalOf(logIn(credential))).toMatchObject({ reason: 'request_expired' })
  })
})

const ROOT_KEY = randomBytes(32).toString('base64url')

function aNode(storage: Storage, { url, ca }: { readonly url: string; readonly ca: string }) {
  return createCountersign({
    issuer: 'https://id.example.com',
    rootKeys: [ROOT_KEY],
    storage,
    verifiers: [aws({ audience: AUDIENCE, endpoints: [{ url, ca }] })],
    rateLimits: 'off',
  })
}

describe('what STS answers', () => {
  test('AWS-008 a redirect is not followed', async () => {
    const seen: unknown[] = []
    const evil = closing(
      await startServer((request, response) => {
        seen.push(request.headers)
        answerWith(response, identityAnswer(SESSION))
      }),
    )
    const { logIn, sts } = await anAws()
    for (const status of [301, 302, 303, 307, 308]) {
      sts.answer({ status, body: '', headers: { location: evil.url } })
      expect(await refusalOf(logIn())).toMatchObject({
        code: 'unavailable',
        cause: { code: 'redirected' },
      })
    }
    expect(seen).toEqual([])
  })

  const good = identityAnswer(SESSION).body
  const result = /<GetCallerIdentityResult>.*<\/GetCallerIdentityResult>/s.exec(good)?.[0] ?? ''
  const named = (name: string) => good.replaceAll('GetCallerIdentity', name)
  test.each<[string, FakeAnswer]>([
    ['a page', { status: 200, body: '<html></html>', headers: { 'content-type': 'text/html' } }],
    ['a page that says it is XML', { status: 200, body: '<html></html>', headers: XML }],
    ['JSON', identityAnswer(SESSION, true)],
    ['JSON that says it is XML', { ...identityAnswer(SESSION, true), headers: XML }],
    ['XML that says it is JSON', { status: 200, body: good }],
    ['XML inside JSON', { status: 200, body: JSON.stringify({ x: good }), headers: XML }],
    ['another call', { status: 200, body: named('GetSessionToken'), headers: XML }],
    ['two results', { status: 200, body: good.replace(result, result + result), headers: XML }],
    ['two ARNs', { status: 200, body: good.replace('<Arn>', '<Arn>x</Arn><Arn>'), headers: XML }],
    ['no account', { status: 200, body: good.replace(/<Account>.*<\/Account>/, ''), headers: XML }],
    ['another namespace', { status: 200, body: good.replace('sts.amazonaws', 'x'), headers: XML }],
    ['a comment', { status: 200, body: good.replace('<Arn>', '<!-- --><Arn>'), headers: XML }],
    ['more after it', { status: 200, body: `${good}${good}`, headers: XML }],
    [
      'an entity',
      {
        status: 200,
        body: `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${good.replace('session<', '&a;<')}`,
        headers: XML,
      },
    ],
    ['10 MB', { status: 200, body: good + ' '.repeat(10_000_000), headers: XML }],
    ['nothing', { status: 200, body: '', headers: XML }],
  ])('AWS-009 %s is no identity', async (_what, answer) => {
    const { logIn, sts } = await anAws()
    sts.answer(answer)
    const error = await refusalOf(logIn())
    expect(error.code).toBe('unavailable')
    expect(String((error.cause as { code?: string }).code)).toMatch(
      /^unexpected_content$|^too_large$/,
    )
  })

  test('AWS-009 the one shape is, however it is spaced', async () => {
    const { logIn, sts } = await anAws()
    sts.answer({ status: 200, body: good.replace(/\n\s*/g, ''), headers: XML })
    await expect(logIn()).resolves.toBeDefined()
  })

  const REFUSED: readonly [StsErrorCode, string][] = [
    ['SignatureDoesNotMatch', 'sts_refused'],
    ['InvalidClientTokenId', 'sts_refused'],
    ['ExpiredToken', 'sts_refused'],
    ['AccessDenied', 'sts_refused'],
    ['IncompleteSignature', 'sts_refused'],
  ]
  test.each(REFUSED)('AWS-010 %s is the fault of the caller', async (code, reason) => {
    const { logIn, sts, events } = await anAws()
    sts.answer(code)
    expect(await refusalOf(logIn())).toMatchObject({ code: 'invalid_credential', reason })
    expect((await events()).at(-1)?.details).toMatchObject({ check: 'signature', presented: code })
  })

  const AWAY: readonly [string, StsErrorCode | FakeAnswer, string][] = [
    ['throttling', 'Throttling', 'throttled'],
    ['too many requests', { status: 429, body: '' }, 'throttled'],
    ['a failure', 'InternalFailure', 'unexpected_status'],
    ['being away', 'ServiceUnavailable', 'unexpected_status'],
    ["a proxy's no", { status: 403, body: '<html>' }, 'unexpected_status'],
  ]
  test.each(AWAY)('AWS-010 %s is not, and counts against nobody', async (_what, answer, code) => {
    const { logIn, sts, host, identity } = await anAws()
    await host.authMethods.update({
      organization: 'acme',
      identity,
      method: 'aws',
      lockout: { threshold: 1 },
    })
    sts.answer(answer)
    for (let count = 0; count < 5; count += 1)
      expect(await refusalOf(logIn())).toMatchObject({ code: 'unavailable', cause: { code } })
    sts.answer(undefined)
    await expect(logIn()).resolves.toBeDefined()
  })

  test('a slow STS is waited for until the deadline, and keeps no other method waiting', async () => {
    const { logIn, sts, countersign, host, clock } = await anAws()
    const made = await host.identities.create({
      organization: 'acme',
      name: 'other',
      authMethod: { method: 'universal' },
    })
    const { clientSecret } = await host.clientSecrets.create({
      organization: 'acme',
      identity: made.identity.id,
    })
    sts.answer('hang')
    const attempts = Array.from({ length: 40 }, () => refusalOf(logIn()))
    while (sts.asked().length === 0) await new Promise((resolve) => setImmediate(resolve))
    const { identity } = made
    await expect(
      countersign.login(
        { method: 'universal', identity: identity.id, credential: { clientSecret } },
        HOME,
      ),
    ).resolves.toBeDefined()
    clock.advance(10)
    for (const error of await Promise.all(attempts)) expect(error.code).toBe('unavailable')
  })

  test('an STS that takes longer than its patience is too late', async () => {
    const { logIn, sts } = await anAws({}, { patience: 1 })
    sts.answer('hang')
    expect(await refusalOf(logIn())).toMatchObject({
      code: 'unavailable',
      cause: { code: 'too_late' },
    })
  })
})
