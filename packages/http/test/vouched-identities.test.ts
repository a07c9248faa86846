import type { HostClaim, Principal } from '@countersign/core'
import { createGuard, createHandler } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { aManaged } from './support/manager.ts'
import { aWorkload, HOME, ORGANIZATION } from './support/workload.ts'

const SAME = { 'sec-fetch-site': 'same-origin' }

describe('a workload that the host vouches for', () => {
  async function guarded() {
    const { countersign, clientId } = await aWorkload()
    const guard = createGuard<never, Principal<never>>(countersign as never)
    const ask = (claim: unknown) => {
      const user = () => claim as HostClaim
      const request = { key: {}, authorization: undefined, peer: () => HOME, user }
      return guard.authenticate(request, { optional: true })
    }
    return { countersign, ask, claim: { identity: clientId, organization: ORGANIZATION } }
  }

  test('passes a guard as the identity it is', async () => {
    const { ask, claim } = await guarded()
    expect(await ask(claim)).toMatchObject({
      principal: { kind: 'identity', identity: claim.identity, method: 'vouched for' },
    })
  })

  test('is refused with a challenge once its identity is disabled, where strangers pass too', async () => {
    const { countersign, ask, claim } = await guarded()
    const key = { organization: ORGANIZATION, id: claim.identity }
    await countersign.asHost('test').identities.update({ ...key, disabled: true })
    const { refused } = await ask(claim)
    expect(refused).toMatchObject({ status: 401, code: 'invalid_credential' })
    expect(refused?.headers).toHaveProperty('www-authenticate')
  })

  test('is a mistake of the host’s where the claim is none', async () => {
    const { ask, claim } = await guarded()
    await expect(ask({ ...claim, bindings: [] })).rejects.toThrow(TypeError)
  })

  test('manages what it may, and never from another site', async () => {
    const { countersign, clientId } = await aManaged()
    const user = () => ({ identity: clientId, organization: ORGANIZATION })
    const handler = createHandler(countersign, { user })
    const create = async (headers: Readonly<Record<string, string>>) => {
      const init = { method: 'POST', body: JSON.stringify({ name: 'a' }) }
      const all = { ...headers, 'content-type': 'application/json' }
      const url = `${countersign.issuer}/api/v1/identities`
      return (await handler.handle(new Request(url, { ...init, headers: all }), HOME))?.status
    }
    expect([await create(SAME), await create({})]).toEqual([200, 403])
    const key = { organization: ORGANIZATION, id: clientId }
    await countersign.asHost('test').identities.update({ ...key, disabled: true })
    expect(await create(SAME)).toBe(401)
  })
})
