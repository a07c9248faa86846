import { expect, test } from 'vitest'
import type { Principal } from '../../src/model/permission/principal.ts'
import { HOME, loggedIn } from '../support/workload.ts'

test('as() manages nothing by a handle whose token has ended or was revoked', async () => {
  const workload = await loggedIn({ identity: { role: 'admin' } })
  const { countersign, authenticate, clock, revoke } = workload
  const list = async (principal: Principal) =>
    countersign.as(principal).identities.list({ organization: 'acme' })
  const principal = await authenticate()
  await expect(list(principal)).resolves.toBeDefined()
  clock.advance(7200)
  await expect(list(principal)).rejects.toMatchObject({
    code: 'invalid_token',
    reason: 'token_expired',
  })
  const { accessToken } = await workload.login()
  const second = await countersign.authenticate(accessToken, HOME)
  await revoke(accessToken)
  await expect(list(second)).rejects.toMatchObject({ reason: 'token_revoked' })
})
