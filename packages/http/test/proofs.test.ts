import { callerOf, createGuard } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { aProver } from '../../core/test/support/proof.ts'
import { aWorkload, HOME } from './support/workload.ts'

const NOW = new Date('2026-03-01T12:00:00.000Z')

/** A guard that is asked for `/secrets` with proofs for some URLs. */
async function guarded(publicUrl?: string, trustedProxies?: readonly string[]) {
  const { countersign, login } = await aWorkload(trustedProxies ? { trustedProxies } : {})
  const prover = aProver()
  const { accessToken: token } = await login({ ...HOME, proof: prover.proof(NOW) })
  const guard = createGuard(countersign)
  const ask = async (htu: string, options: object = { publicUrl }) => {
    const { dpop } = prover.proof(NOW, { token, claims: { htu } })
    const request = { dpop, method: 'GET', target: '/secrets?a=b' }
    const peer = callerOf(() => ({ ...HOME, request }), {}, options)
    const { refused } = await guard.authenticate({
      key: {},
      authorization: `DPoP ${token}`,
      peer,
    })
    return refused?.status ?? 200
  }
  return { ask }
}

describe('the URL that a proof is compared with', () => {
  test('begins with the origin of the issuer', async () => {
    const { ask } = await guarded()
    expect(await ask('https://id.example.com/secrets')).toBe(200)
    expect(await ask('https://api.example.com/secrets')).toBe(401)
  })

  test.each(['https://api.example.com/v1', 'https://api.example.com/v1/'])(
    'begins with publicUrl %s, where a host says that',
    async (publicUrl) => {
      const { ask } = await guarded(publicUrl)
      expect(await ask('https://api.example.com/v1/secrets')).toBe(200)
      expect(await ask('https://api.example.com/secrets')).toBe(401)
      expect(await ask('https://id.example.com/secrets')).toBe(401)
    },
  )

  test('is the same where the host says the address of the client', async () => {
    const { ask } = await guarded()
    const options = { clientAddress: () => '192.0.2.7' }
    expect(await ask('https://id.example.com/secrets', options)).toBe(200)
    expect(await ask('https://id.example.com/other', options)).toBe(401)
  })
})
