import { CountersignError } from '@countersign/core'
import type { GuardRules, Refused } from '@countersign/http'
import { createGuard } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { bodyOf, expectContract } from './support/answer.ts'
import type { Workload } from './support/workload.ts'
import { aWorkload, HOME, withHook } from './support/workload.ts'

/** A guard, the token of its workload, and all that its storage was asked. */
async function guarded(tokenPolicy = {}) {
  const asked: string[] = []
  const workload = await aWorkload({
    tokenPolicy,
    around: (storage) => withHook(storage, (verb) => asked.push(verb)),
  })
  const { accessToken } = await workload.login()
  asked.length = 0
  const guard = createGuard(workload.countersign)
  const authenticate = (authorization: string | undefined, rules?: GuardRules, key: object = {}) =>
    guard.authenticate({ key, authorization, peer: () => HOME }, rules)
  const refusedAs = async (authorization: string | undefined, rules?: GuardRules) => {
    const { refused } = await authenticate(authorization, rules)
    if (refused === undefined) throw new Error('The guard let it pass')
    expectContract(refused)
    return refused
  }
  return { ...workload, guard, accessToken, asked, authenticate, refusedAs }
}

const challengeOf = ({ headers }: Refused): string | undefined => headers['www-authenticate']

const MISSING = 'Bearer realm="countersign"'
const INVALID = `${MISSING}, error="invalid_token", error_description="The access token is not valid"`

describe('TOK-001 TOK-002 TOK-003 what is no bearer token', () => {
  test.each([
    ['Bearer', INVALID],
    ['Bearer ', INVALID],
    ['Bearer  ', INVALID],
    ['bearer\t', INVALID],
    ['Bearer \t', INVALID],
    ['', MISSING],
    [' ', MISSING],
    [undefined, MISSING],
  ])(
    'TOK-001 authenticate() refuses %j with 401 and asks no storage',
    async (header, challenge) => {
      const { refusedAs, asked } = await guarded()
      const refused = await refusedAs(header)
      expect(refused.status).toBe(401)
      expect(challengeOf(refused)).toBe(challenge)
      expect(asked).toEqual([])
    },
  )

  test.each([
    'Basic <T>',
    'Token <T>',
    'Negotiate <T>',
    'Bearer: <T>',
    'Bearer=<T>',
    'BearerX <T>',
    '<T>',
  ])('TOK-002 authenticate() refuses %j, and counts no use', async (form) => {
    const { refusedAs, authenticate, accessToken } = await guarded({ maxUses: 1 })
    expect((await refusedAs(form.replace('<T>', accessToken))).status).toBe(401)
    expect(await authenticate(`Bearer ${accessToken}`)).toHaveProperty('principal')
  })

  test.each(['bearer <T>', 'BEARER <T>', 'BeArEr <T>'])(
    'TOK-003 authenticate() takes %j like any spelling of the scheme',
    async (form) => {
      const { authenticate, accessToken, clientId } = await guarded()
      const verdict = await authenticate(form.replace('<T>', accessToken))
      expect(verdict).toMatchObject({ principal: { identity: clientId } })
    },
  )

  test.each([
    'Bearer  <T>',
    'Bearer\t<T>',
    ' Bearer <T>',
    'Bearer <T> ',
    'Bearer <T> x',
    'Bearer <T>,',
  ])('TOK-003 authenticate() refuses %j: one space, one token', async (form) => {
    const { refusedAs, accessToken } = await guarded()
    expect((await refusedAs(form.replace('<T>', accessToken))).status).toBe(401)
  })

  test.each(['Bearer <T>, Bearer <T>', 'Bearer <T>, Basic eA==', 'Basic eA==, Bearer <T>'])(
    'authenticate() refuses two headers that arrived as %j',
    async (form) => {
      const { refusedAs, accessToken } = await guarded()
      expect((await refusedAs(form.replaceAll('<T>', accessToken))).status).toBe(401)
    },
  )
})

interface Row {
  readonly name: string
  readonly header: (own: {
    readonly accessToken: string
    readonly foreign: string
  }) => string | undefined
  readonly passes: 'nobody' | 'somebody' | 'refused'
}

const rows: readonly Row[] = [
  { name: 'no header', header: () => undefined, passes: 'nobody' },
  { name: 'an empty header', header: () => '', passes: 'nobody' },
  { name: 'another scheme', header: () => 'Basic dXNlcjpwYXNz', passes: 'nobody' },
  {
    name: 'a bearer of no form of ours',
    header: () => 'Bearer ghp_16C7e42F292c6912E7',
    passes: 'nobody',
  },
  {
    name: 'a token of another deployment',
    header: ({ foreign }) => `Bearer ${foreign}`,
    passes: 'nobody',
  },
  {
    name: 'a good token',
    header: ({ accessToken }) => `Bearer ${accessToken}`,
    passes: 'somebody',
  },
  {
    name: 'a token of ours with another signature',
    header: ({ accessToken }) => `Bearer ${accessToken.slice(0, -8)}AAAAAAAA`,
    passes: 'refused',
  },
  {
    name: 'a good token behind two spaces',
    header: ({ accessToken }) => `Bearer  ${accessToken}`,
    passes: 'refused',
  },
]

describe('authenticate({ optional: true })', () => {
  test.each(rows)('$name: $passes', async ({ header, passes }) => {
    const own = await guarded()
    const foreign = (await (await aWorkload({ issuer: 'https://other.example' })).login())
      .accessToken
    const authorization = header({ accessToken: own.accessToken, foreign })
    const key = {}
    const verdict = await own.authenticate(authorization, { optional: true }, key)
    expect(verdict.refused?.status).toBe(passes === 'refused' ? 401 : undefined)
    const identity = own.guard.findPrincipal(key)?.identity
    expect(identity).toBe(passes === 'somebody' ? own.clientId : undefined)
  })

  test('it refuses a token of ours that was revoked', async () => {
    const { countersign, accessToken, refusedAs } = await guarded()
    await countersign.revoke(accessToken, HOME)
    expect(challengeOf(await refusedAs(`Bearer ${accessToken}`, { optional: true }))).toBe(INVALID)
  })

  test('it refuses a token of ours that has run out', async () => {
    const { advance, accessToken, refusedAs } = await guarded({ ttl: 60 })
    advance(60)
    expect((await refusedAs(`Bearer ${accessToken}`, { optional: true })).status).toBe(401)
  })

  test('it does not make a request somebody to a guard behind it', async () => {
    const { authenticate } = await guarded()
    const key = {}
    await authenticate(undefined, { optional: true }, key)
    expect((await authenticate(undefined, {}, key)).refused?.status).toBe(401)
  })
})

describe('one request', () => {
  test('it spends one use, however many guards it passes', async () => {
    const { authenticate, accessToken } = await guarded({ maxUses: 2 })
    const bearer = `Bearer ${accessToken}`
    const statusOf = async (key: object) => (await authenticate(bearer, {}, key)).refused?.status
    const [first, second] = [{}, {}]
    for (const key of [first, first, first, second, second])
      expect(await statusOf(key)).toBeUndefined()
    expect(await statusOf({})).toBe(401)
  })

  test('it spends one use where two guards ask at once', async () => {
    const { authenticate, accessToken } = await guarded({ maxUses: 1 })
    const key = {}
    const both = [1, 2].map(() => authenticate(`Bearer ${accessToken}`, {}, key))
    for (const { refused } of await Promise.all(both)) expect(refused).toBeUndefined()
  })

  test('HTP-015 principalOf() throws where no guard let it in, and findPrincipal() finds nobody', async () => {
    const { guard, authenticate } = await guarded()
    const key = {}
    expect(() => guard.principalOf(key)).toThrow(TypeError)
    await authenticate('Bearer no.such.token', {}, key)
    expect(() => guard.principalOf(key)).toThrow(TypeError)
    expect(guard.findPrincipal(key)).toBeUndefined()
  })

  test('its principal is known to the guard that let it in, and to no other', async () => {
    const { countersign, guard, authenticate, accessToken, clientId } = await guarded()
    const key = {}
    await authenticate(`Bearer ${accessToken}`, {}, key)
    expect(guard.principalOf(key).identity).toBe(clientId)
    expect(createGuard(countersign).findPrincipal(key)).toBeUndefined()
  })
})

describe('can()', () => {
  const requestOf = (accessToken: string, key: object = {}) => {
    return { key, authorization: `Bearer ${accessToken}`, peer: () => HOME }
  }

  test('asks storage what authenticate() asks, and an unlimited token writes nothing', async () => {
    const { guard, accessToken, asked } = await guarded()
    await guard.authenticate(requestOf(accessToken))
    const usual = asked.splice(0)
    expect((await guard.can(requestOf(accessToken), 'invoice:approve')).refused?.status).toBe(403)
    expect(asked).toEqual(usual)
    expect(usual).toEqual(['tokens.find'])
  })

  test('behind authenticate() asks nothing more', async () => {
    const { guard, accessToken, asked } = await guarded()
    const request = requestOf(accessToken)
    await guard.authenticate(request)
    asked.length = 0
    expect((await guard.can(request, 'invoice:approve')).refused?.status).toBe(403)
    expect(asked).toEqual([])
  })

  test('calls a request by one id, where the client gave it none', async () => {
    const { countersign, accessToken } = await guarded()
    const ids: (string | undefined)[] = []
    const tryAuthenticate: typeof countersign.tryAuthenticate = (token, source) => {
      ids.push(source.requestId)
      return countersign.tryAuthenticate(token, source)
    }
    const guard = createGuard({ ...countersign, tryAuthenticate })
    const { refused } = await guard.can(requestOf(accessToken), 'invoice:approve')
    expect(ids).toEqual([refused?.headers['x-request-id']])
  })

  test('refuses as stale whom nobody could ask about for too long', async () => {
    const { countersign, accessToken, advance } = await guarded()
    const kept = await countersign.authenticate(accessToken, HOME)
    const guard = createGuard({ ...countersign, tryAuthenticate: async () => kept })
    advance(31)
    const { refused } = await guard.can(requestOf(accessToken), 'invoice:read')
    expect(refused).toMatchObject({ status: 403, code: 'permission_denied' })
    expect(refused?.body).not.toContain('stale')
  })
})

describe('an engine that could not tell', () => {
  async function cutOff(): Promise<Workload & { readonly cut: () => void }> {
    let isCut = false
    const around = (storage: Parameters<typeof withHook>[0]) =>
      withHook(storage, () => {
        if (isCut) throw new Error('The connection to db.internal is gone')
      })
    const cut = (): void => {
      isCut = true
    }
    return { ...(await aWorkload({ around })), cut }
  }

  test.each([{}, { optional: true }])('HTP-013 is a 503 and never a yes (%j)', async (rules) => {
    const { countersign, login, cut } = await cutOff()
    const { accessToken } = await login()
    cut()
    const request = { key: {}, authorization: `Bearer ${accessToken}`, peer: () => HOME }
    const { refused } = await createGuard(countersign).authenticate(request, rules)
    expect(refused).toMatchObject({ status: 503, code: 'unavailable' })
    expect(refused?.headers['retry-after']).toBe('1')
    expect(refused?.body).not.toContain('db.internal')
  })

  test('a bug of the engine is thrown, for the framework to answer', async () => {
    const { countersign } = await aWorkload()
    const broken = { ...countersign, tryAuthenticate: () => Promise.reject(new RangeError('bug')) }
    const request = { key: {}, authorization: 'Bearer x', peer: () => HOME }
    await expect(createGuard(broken).authenticate(request)).rejects.toThrow(RangeError)
  })
})

test('a refusal says in its body what its status says', async () => {
  const { countersign } = await aWorkload()
  const refusing = {
    ...countersign,
    tryAuthenticate: async () =>
      new CountersignError('rate_limited', 'Slow down', { retryAfter: 7 }),
  }
  const request = { key: {}, authorization: 'Bearer x', peer: () => HOME }
  const { refused } = await createGuard(refusing).authenticate(request)
  if (refused === undefined) throw new Error('The guard let it pass')
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '7' } })
  expect(bodyOf(refused)).toMatchObject({ statusCode: 429, message: 'Slow down' })
})
