import { describe, expect, test } from 'vitest'
import { unsafeClientCertificate } from '../../src/model/client-certificate.ts'
import { createVerifierWith } from '../../src/runtime.ts'
import { createSeenProofs } from '../../src/verifier/seen-proofs.ts'
import { ISSUER } from '../support/engine.ts'
import type { ProofGiven } from '../support/proof.ts'
import { aProver } from '../support/proof.ts'
import { aWorkload, HOME } from '../support/workload.ts'

const certificate = unsafeClientCertificate(new TextEncoder().encode('mine'))
const other = unsafeClientCertificate(new TextEncoder().encode('other'))

/** A token that is bound to a key and a certificate and restricted, and a service that checks it elsewhere. */
async function bound(options: object = {}) {
  const { clock, runtime, countersign, identity, secret } = await aWorkload({
    tokenPolicy: { boundTo: 'certificate' },
  })
  const prover = aProver()
  const request = {
    method: 'universal',
    identity: identity.id,
    credential: { clientSecret: secret.clientSecret },
  } as const
  const source = { ...HOME, certificate, proof: prover.proof(clock.now()) }
  const permissions = ['identity:read']
  const { accessToken: token } = await countersign.login(request, source, { permissions })
  const jwks = await countersign.jwks()
  const settings = { issuer: ISSUER, audience: ISSUER, jwks, ...options }
  const { verify } = createVerifierWith(runtime, settings)
  const proof = (given: ProofGiven = {}, by = prover) => by.proof(clock.now(), { token, ...given })
  return { verify, token, proof, prover, clock, settings, runtime }
}

describe('verify()', () => {
  test('answers what a token is bound and restricted to, beside what proves it', async () => {
    const { verify, token, proof, prover } = await bound()
    expect(await verify(token, { proof: proof(), certificate })).toMatchObject({
      permissions: ['identity:read'],
      confirmation: { jkt: prover.jkt, 'x5t#S256': expect.any(String) },
    })
  })

  test('refuses it beside anything less', async () => {
    const { verify, token, proof } = await bound()
    const used = proof()
    await verify(token, { proof: used, certificate })
    for (const [beside, reason] of [
      [undefined, 'wrong_certificate'],
      [{ proof: proof() }, 'wrong_certificate'],
      [{ proof: proof(), certificate: other }, 'wrong_certificate'],
      [{ certificate }, 'proof_missing'],
      [{ proof: proof({}, aProver()), certificate }, 'wrong_key'],
      [{ proof: proof({ claims: { ath: undefined } }), certificate }, 'proof_mismatch'],
      [{ proof: used, certificate }, 'proof_replayed'],
    ] as const)
      await expect(verify(token, beside)).rejects.toMatchObject({ code: 'invalid_token', reason })
  })

  test('refuses a proof beside a token that is bound to none', async () => {
    const { countersign, login, clock, runtime } = await aWorkload()
    const { accessToken: token } = await login()
    const jwks = await countersign.jwks()
    const { verify } = createVerifierWith(runtime, { issuer: ISSUER, audience: ISSUER, jwks })
    const proof = aProver().proof(clock.now(), { token })
    await expect(verify(token, { proof })).rejects.toMatchObject({ reason: 'not_bound' })
    await verify(token)
  })

  test('asks the host about proofs where several processes must know of each', async () => {
    const seen = new Set<string>()
    const markSeen = async ({ key }: { readonly key: string }) =>
      !seen.has(key) && seen.add(key) !== undefined
    const { verify, token, proof, settings, runtime } = await bound({ markSeen })
    const used = { proof: proof(), certificate }
    await verify(token, used)
    const second = createVerifierWith(runtime, settings)
    await expect(second.verify(token, used)).rejects.toMatchObject({ reason: 'proof_replayed' })
  })
})

describe('createSeenProofs()', () => {
  const at = (seconds: number) => new Date(seconds * 1000)

  test('accepts no mark twice before its end, and none that it has no room for', () => {
    const markSeen = createSeenProofs(2)
    const mark = (key: string, until: number, now: number) =>
      markSeen({ key, until: at(until) }, at(now))
    expect([mark('a', 60, 0), mark('a', 60, 59), mark('b', 90, 59)]).toEqual([true, false, true])
    expect(mark('c', 100, 59)).toBe(false)
    expect([mark('c', 100, 60), mark('b', 90, 89), mark('d', 99, 89)]).toEqual([true, false, false])
  })
})
