import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeKey, signJwt } from '@countersign/testing/fakes'
import { createDatabase, freePort, serverUrl } from '@countersign/testkit'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { postForm } from './clients.ts'
import { ask, operatorOf } from './operator.ts'
import { run } from './reference-server.ts'

const ROOT_KEY = 'Vb1q1Zc2wW6mJ8o0kqvH7v0m1s3rXyTzQ5l4Ue9gKdA'
const ISSUER = 'https://id.example.com'
const AT_ONCE = 20
const postgres = await serverUrl(inject('servers'), 'postgres-18')

describe.skipIf(postgres === undefined)('Three servers on one Postgres, over HTTP,', () => {
  if (postgres === undefined) return
  const key = fakeKey()
  const stopping: (() => Promise<unknown>)[] = []
  const urls: string[] = []
  let operator: Awaited<ReturnType<typeof operatorOf>>

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'server-'))
    stopping.push(() => rm(folder, { recursive: true, force: true }))
    const database = await createDatabase(postgres)
    stopping.push(() => database.drop())
    const started = async () => {
      const port = await freePort()
      const server = run({
        PORT: String(port),
        COUNTERSIGN_DATA: folder,
        COUNTERSIGN_STORAGE: '',
        COUNTERSIGN_URL: ISSUER,
        COUNTERSIGN_ROOT_KEYS: ROOT_KEY,
        DATABASE_URL: database.url,
      })
      stopping.push(() => server.stop('SIGKILL'))
      const ready = await server.ready
      urls.push(`http://127.0.0.1:${port}`)
      return ready
    }
    const first = await started()
    await started()
    await started()
    operator = await operatorOf({ ...first, url: urls[0] ?? '' })
  }, 120_000)

  afterAll(async () => {
    for (const stop of stopping.splice(0).reverse()) await stop()
  }, 60_000)

  let made = 0
  const signed = (claims: object): string => {
    made += 1
    const now = Math.floor(Date.now() / 1000)
    const usual = { iat: now, exp: now + 60, jti: `of the test ${made}` }
    return signJwt(key, { alg: key.algorithm, typ: 'JWT' }, { ...usual, ...claims })
  }

  /** Presents something at every server, many times at once; answers how often each status came. */
  async function everywhere(present: (url: string) => Promise<{ readonly status: number }>) {
    const asked = urls.flatMap((url) => Array.from({ length: AT_ONCE }, () => present(url)))
    const counts: Record<number, number> = {}
    for (const { status } of await Promise.all(asked)) counts[status] = (counts[status] ?? 0) + 1
    return counts
  }

  const ONCE = { 200: 1, 401: 3 * AT_ONCE - 1 }

  // A round has an identity of its own: whoever presents used tokens three times is locked out of one.
  const ROUNDS = [1, 2, 3, 4, 5]

  test('JWT-028 let a token with an id in once', async () => {
    const trusted = { boundIssuer: 'https://ci.example.com', boundAudiences: ISSUER }
    const bound = { ...trusted, boundSubject: 'job', publicKeys: [pemOf()] }
    const claims = { iss: 'https://ci.example.com', aud: ISSUER, sub: 'job' }
    const race = async (settings: object) => {
      const identityId = await operator.identityBy('jwt-auth', settings)
      const body = { identityId, jwt: signed(claims) }
      return everywhere((url) => ask('POST', `${url}/api/v1/auth/jwt-auth/login`, body))
    }
    expect(await race(bound)).toEqual({ 200: 3 * AT_ONCE })
    for (const _round of ROUNDS)
      expect(await race({ ...bound, replayProtection: 'jti' })).toEqual(ONCE)
  }, 120_000)

  test('let an assertion of a client in once', async () => {
    for (const _round of ROUNDS) {
      const settings = { publicKeys: [pemOf()] }
      const identity = await operator.identityBy('private-key-jwt-auth', settings)
      const form = {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: signed({ iss: identity, sub: identity, aud: `${ISSUER}/oauth/token` }),
      }
      expect(await everywhere((url) => postForm(`${url}/oauth/token`, form))).toEqual(ONCE)
    }
  }, 120_000)

  function pemOf(): string {
    return key.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  }
})
