import { createHandler } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { LOGIN, RENEW, REVOKE } from './cases/case.ts'
import type { Answer } from './support/answer.ts'
import { bodyOf, expectContract, faceOf, POINTER } from './support/answer.ts'
import { askJson } from './support/ask.ts'
import type { Workload, WorkloadGiven } from './support/workload.ts'
import { another, aWorkload, withHook } from './support/workload.ts'

interface Presented {
  readonly clientId: string
  readonly clientSecret: string
}

const WRONG = 'cst_cs_wr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0n'

const logIn = ({ countersign }: Pick<Workload, 'countersign'>, presented: Presented) =>
  askJson(createHandler(countersign), LOGIN, presented)

/** The one face of a login that failed, but for the id of the request. */
const FAILED = [
  401,
  'cache-control: no-store',
  'content-type: application/json; charset=utf-8',
  'pragma: no-cache',
  `www-authenticate: Bearer realm="countersign", ${POINTER}`,
  'x-content-type-options: nosniff',
  '{"reqId":"<id>","statusCode":401,"message":"The credential was not accepted","error":"Unauthorized"}',
].join('\n')

interface Failure {
  readonly name: string
  readonly given?: WorkloadGiven
  /** Spoils the workload, and answers what is presented in place of its credential. */
  readonly spoil: (workload: Workload) => Promise<Partial<Presented> | undefined>
}

const hostOf = ({ countersign }: Workload) => countersign.asHost('test')

const failures: readonly Failure[] = [
  { name: 'an unknown id', spoil: async () => ({ clientId: 'idn_01JZZZZZZZZZZZZZZZZZZZZZZZ' }) },
  { name: 'an id that is no id', spoil: async () => ({ clientId: 'nobody' }) },
  { name: 'a wrong secret', spoil: async () => ({ clientSecret: WRONG }) },
  { name: 'a secret that is no secret', spoil: async () => ({ clientSecret: 'x' }) },
  {
    name: 'the secret of another identity',
    spoil: async ({ countersign }) => {
      const { clientSecret } = await another(countersign)
      return { clientSecret }
    },
  },
  {
    name: 'a revoked secret',
    spoil: async (workload) => {
      const { organization, clientSecretId: id } = workload
      await hostOf(workload).clientSecrets.revoke({ organization, id })
      return undefined
    },
  },
  {
    name: 'an expired secret',
    given: { secret: { ttl: 60 } },
    spoil: async ({ advance }) => {
      advance(60)
      return undefined
    },
  },
  {
    name: 'a spent secret',
    given: { secret: { maxUses: 1 } },
    spoil: async ({ login }) => {
      await login()
      return undefined
    },
  },
  {
    name: 'a disabled identity',
    spoil: async (workload) => {
      const { organization, clientId: id } = workload
      await hostOf(workload).identities.update({ organization, id, disabled: true })
      return undefined
    },
  },
  {
    name: 'a deleted identity',
    spoil: async (workload) => {
      const { organization, clientId: id } = workload
      await hostOf(workload).identities.delete({ organization, id })
      return undefined
    },
  },
  {
    name: 'a method that was detached',
    spoil: async (workload) => {
      const { organization, clientId: identity } = workload
      await hostOf(workload).authMethods.detach({ organization, identity, method: 'universal' })
      return undefined
    },
  },
  {
    name: 'a foreign address',
    given: { tokenPolicy: { trustedSources: { credential: ['10.0.0.0/8'] } } },
    spoil: async () => undefined,
  },
]

describe('login answers every failure with the same bytes', () => {
  test.each(failures)('$name', async ({ given, spoil }) => {
    const workload = await aWorkload(given)
    const { clientId, clientSecret } = workload
    const presented = { clientId, clientSecret, ...(await spoil(workload)) }
    expect(faceOf(await logIn(workload, presented))).toBe(FAILED)
  })

  test.each(['known', 'unknown'])(
    'login tells when a lock on a %s id ends, and no more',
    async (id) => {
      const workload = await aWorkload()
      const clientId = id === 'known' ? workload.clientId : 'nobody'
      for (let attempt = 0; attempt < 3; attempt += 1)
        await logIn(workload, { clientId, clientSecret: WRONG })
      const locked = await logIn(workload, { clientId, clientSecret: workload.clientSecret })
      expect(locked).toMatchObject({ status: 401, headers: { 'retry-after': '300' } })
      expect(bodyOf(locked)['message']).toBe('Too many failed attempts; try again later')
    },
  )
})

const numbersOf = (answer: Answer) => {
  const { expiresIn, accessTokenMaxTTL } = bodyOf(answer)
  return { expiresIn, accessTokenMaxTTL }
}

describe('login answers whole numbers, none of which means "over"', () => {
  test.each([
    [{}, 7200, 7200],
    [{ ttl: 600, maxTtl: 3600 }, 600, 3600],
    [{ ttl: 600, maxTtl: 'unbounded' }, 600, 1_000_000_000],
    [{ period: 300 }, 300, 1_000_000_000],
    [{ ttl: 1, maxTtl: 1 }, 1, 1],
  ] as const)('%j', async (tokenPolicy, expiresIn, accessTokenMaxTTL) => {
    const workload = await aWorkload({ tokenPolicy })
    const granted = await logIn(workload, workload)
    expect(numbersOf(granted)).toEqual({ expiresIn, accessTokenMaxTTL })
    const renewed = await askJson(createHandler(workload.countersign), RENEW, bodyOf(granted))
    expect(numbersOf(renewed)).toEqual({ expiresIn, accessTokenMaxTTL })
  })

  test('login answers exactly the four members that clients decode', async () => {
    const workload = await aWorkload()
    const granted = await logIn(workload, workload)
    expect(Object.keys(bodyOf(granted)).toSorted()).toEqual([
      'accessToken',
      'accessTokenMaxTTL',
      'expiresIn',
      'tokenType',
    ])
  })
})

describe('caching', () => {
  test('HTP-009 whatever carries a token, or says no to one, may not be kept', async () => {
    const workload = await aWorkload()
    const handler = createHandler(workload.countersign)
    const granted = await logIn(workload, workload)
    const answers = [
      granted,
      await askJson(handler, RENEW, bodyOf(granted)),
      await askJson(handler, REVOKE, bodyOf(granted)),
      await askJson(handler, RENEW, bodyOf(granted)),
      await logIn(workload, { ...workload, clientSecret: WRONG }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 401, 401])
    for (const answer of answers) {
      expectContract(answer)
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    }
    expect(answers.map(({ headers }) => headers['www-authenticate'])).toEqual([
      undefined,
      undefined,
      undefined,
      `Bearer realm="countersign", error="invalid_token", error_description="The access token is not valid", ${POINTER}`,
      `Bearer realm="countersign", ${POINTER}`,
    ])
  })
})

const DIALECT = ['authMethod', 'authTokenType', 'identityId', 'identityName', 'orgId']

const claimsOf = (token: unknown): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())

describe('claims of the dialect', () => {
  test('login and renew write what existing clients read out of a token', async () => {
    const workload = await aWorkload()
    const { organization: orgId, clientId: identityId } = workload
    const granted = await logIn(workload, workload)
    const renewed = await askJson(createHandler(workload.countersign), RENEW, bodyOf(granted))
    for (const answer of [granted, renewed])
      expect(claimsOf(bodyOf(answer)['accessToken'])).toMatchObject({
        identityId,
        identityName: 'deployer',
        authMethod: 'universal-auth',
        orgId,
        authTokenType: 'identityAccessToken',
      })
  })

  test('a login in process writes none of it', async () => {
    const { login } = await aWorkload()
    const claims = claimsOf((await login()).accessToken)
    expect(DIALECT.filter((name) => name in claims)).toEqual([])
  })
})

describe('what is malformed is no attempt', () => {
  test('LGN-012 login asks no storage about a client id of another type, and counts no failure', async () => {
    const asked: string[] = []
    const workload = await aWorkload({
      around: (storage) => withHook(storage, (verb) => asked.push(verb)),
    })
    const { clientSecret } = workload
    const handler = createHandler(workload.countersign)
    const before = asked.length
    for (const clientId of [{ $ne: null }, ['id'], [workload.clientId], 1, true, null, ''])
      expect(await askJson(handler, LOGIN, { clientId, clientSecret })).toMatchObject({
        status: 400,
      })
    expect(asked.slice(before)).toEqual([])
    expect(await logIn(workload, workload)).toMatchObject({ status: 200 })
  })

  test('revoke says 503 where it could not be written, and 200 never', async () => {
    let cut = false
    const workload = await aWorkload({
      around: (storage) =>
        withHook(storage, () => {
          if (cut) throw new Error('The connection is gone')
        }),
    })
    const { accessToken } = await workload.login()
    cut = true
    const answer = await askJson(createHandler(workload.countersign), REVOKE, { accessToken })
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    expectContract(answer)
    expect(answer.body).not.toContain('connection')
  })
})
