import { createHandler } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { LOGIN } from '../cases/case.ts'
import { bodyOf } from '../support/answer.ts'
import { askJson } from '../support/ask.ts'
import { aManaged } from '../support/manager.ts'
import { aWorkload, withHook } from '../support/workload.ts'

describe('the HTTP surface under abuse', () => {
  test('DOS-005 answers 400 to a secret that is too long, and 413 to a body that is', async () => {
    const asked: string[] = []
    const around = (storage: Parameters<typeof withHook>[0]) =>
      withHook(storage, (verb) => asked.push(verb))
    const { countersign, clientId, login } = await aWorkload({ around })
    const handler = createHandler(countersign)
    asked.length = 0
    const answers = []
    for (const length of [513, 30_000, 100_000, 10_000_000])
      answers.push(await askJson(handler, LOGIN, { clientId, clientSecret: 'x'.repeat(length) }))
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 413, 413])
    expect(answers.slice(0, 2).map((answer) => bodyOf(answer)['message'])).toEqual(
      Array(2).fill('clientSecret must be at most 512 characters long'),
    )
    expect(asked).toEqual([])
    await expect(login()).resolves.toBeDefined()
  })

  test('DOS-012 answers 400 to a page beyond every cap, and to an order that no index has', async () => {
    const { call, ok, as } = await aManaged()
    const { clientId } = await as({})
    const lists = [
      '/api/v1/identities',
      '/api/v1/organization/audit-logs',
      `/api/v1/auth/universal-auth/identities/${clientId}/client-secrets`,
      `/api/v1/auth/token-auth/identities/${clientId}/tokens`,
    ]
    await ok('POST', `/api/v1/auth/token-auth/identities/${clientId}`, {})
    const abuses = [
      'limit=1000000000',
      'offset=1000000000',
      'limit=-1',
      'limit=1e3',
      'sort=lastUsed',
    ]
    for (const list of lists) {
      for (const abuse of abuses)
        expect([list, abuse, (await call('GET', `${list}?${abuse}`)).status]).toEqual([
          list,
          abuse,
          400,
        ])
      await ok('GET', `${list}?limit=1&offset=0`)
    }
    const search = '/api/v1/identities/search'
    for (const page of [{ limit: 1e9 }, { offset: 1e9 }, { orderBy: 'lastLoginTime' }])
      expect((await call('POST', search, page)).status).toBe(400)
    await ok('POST', search, { limit: 1, orderBy: 'name' })
  })
})
