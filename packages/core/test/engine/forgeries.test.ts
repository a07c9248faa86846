import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { FORGERY_LIMIT } from '../../src/cache/forgeries.ts'
import { forge, readToken } from '../support/token.ts'
import { ELSEWHERE, HOME, loggedIn } from '../support/workload.ts'

const { privateKey } = generateKeyPairSync('ed25519')

/** A workload, and a stranger who forges tokens that look like its own. */
async function besideAForger() {
  const workload = await loggedIn()
  const genuine = readToken(workload.accessToken)
  const forgeOne = (count: number): string =>
    forge({ ...genuine, claims: { ...genuine.claims, jti: `forged-${count}` } }, privateKey)
  const { tryAuthenticate } = workload.countersign
  async function flood(): Promise<void> {
    for (let count = 0; count < FORGERY_LIMIT.most; count += 1)
      expect(await tryAuthenticate(forgeOne(count), ELSEWHERE)).toMatchObject({
        code: 'invalid_token',
        reason: 'bad_signature',
      })
  }
  return { ...workload, forgeOne, flood, tryAuthenticate }
}

test('authenticate() stops checking the signatures of a source that forged too many', async () => {
  const { flood, forgeOne, tryAuthenticate, clock } = await besideAForger()
  await flood()
  const refused = await tryAuthenticate(forgeOne(-1), ELSEWHERE)
  expect(refused).toMatchObject({ code: 'rate_limited', reason: 'too_many_forgeries' })
  clock.advance((refused as { retryAfter: number }).retryAfter)
  expect(await tryAuthenticate(forgeOne(-2), ELSEWHERE)).toMatchObject({ reason: 'bad_signature' })
})

test('authenticate() goes on serving known tokens from that source, and all from others', async () => {
  const { flood, accessToken, tryAuthenticate, login } = await besideAForger()
  await flood()
  expect(await tryAuthenticate(accessToken, HOME)).toMatchObject({ kind: 'identity' })
  expect(await tryAuthenticate(accessToken, ELSEWHERE)).toMatchObject({ kind: 'identity' })
  const { accessToken: unseen } = await login()
  expect(await tryAuthenticate(unseen, ELSEWHERE)).toMatchObject({ code: 'rate_limited' })
  expect(await tryAuthenticate(unseen, HOME)).toMatchObject({ kind: 'identity' })
  expect(await tryAuthenticate(unseen, ELSEWHERE)).toMatchObject({ kind: 'identity' })
})
