import { createHash } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { FakeCertificate } from '@countersign/testing/fakes'
import { fakeAuthority } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import type { ProofGiven, Prover } from '../../core/test/support/proof.ts'
import { aProver } from '../../core/test/support/proof.ts'
import type { Adapter } from './adapter.ts'
import { PREFIX } from './adapter.ts'
import { LOGIN } from './cases/case.ts'
import { bodyOf, expectContract } from './support/answer.ts'
import type { Given, Served } from './support/serving.ts'
import { servingIn } from './support/serving.ts'
import { aWorkload } from './support/workload.ts'

/** Where every workload of these tests begins, and what its clients call their host. */
const NOW = new Date('2026-03-01T12:00:00.000Z')
const ORIGIN = 'https://id.example.com'
const TIMEOUT = 30_000

const CHALLENGES = {
  token:
    'DPoP realm="countersign", error="invalid_token", error_description="The access token is not valid", algs="ES256 EdDSA Ed25519 RS256"',
  proof:
    'DPoP realm="countersign", error="invalid_dpop_proof", error_description="The DPoP proof is not valid", algs="ES256 EdDSA Ed25519 RS256"',
  bearer:
    'Bearer realm="countersign", error="invalid_token", error_description="The access token is not valid"',
} as const

function proofOf(prover: Prover, htm: string, path: string, given: ProofGiven = {}): string {
  const claims = { htm, htu: `${ORIGIN}${path}`, ...given.claims }
  return prover.proof(NOW, { ...given, claims }).dpop
}

async function loginWith(
  { ask, clientId, clientSecret }: Served,
  dpop: string | readonly string[],
  path = LOGIN,
) {
  const headers = { 'content-type': 'application/json', dpop }
  const body = JSON.stringify({ clientId, clientSecret })
  return ask({ method: 'POST', path, headers, body })
}

/** Holds an adapter to what it promises about tokens that are bound to a key or a certificate. */
export function describeProofs({ name, create }: Adapter): void {
  const serving = servingIn(create)

  /** A host whose workload has logged in with a proof. */
  const bound = (
    run: (
      served: Served & {
        readonly accessToken: string
        readonly prover: Prover
        show(dpop: string | readonly string[] | undefined, more?: object): ReturnType<Served['ask']>
      },
    ) => Promise<void>,
    given: Given = {},
  ) =>
    serving(async (served) => {
      const prover = aProver()
      const answer = await loginWith(served, proofOf(prover, 'POST', LOGIN))
      const { accessToken, tokenType } = bodyOf(answer) as Record<string, string>
      expect(tokenType).toBe('DPoP')
      const token = accessToken ?? ''
      const show = (dpop: string | readonly string[] | undefined, more: object = {}) => {
        const proof = dpop === undefined ? {} : { dpop }
        const headers = { authorization: `DPoP ${token}`, ...proof, ...more }
        return served.ask({ path: '/guarded?a=b', headers })
      }
      await run({ ...served, accessToken: token, prover, show })
    }, given)

  describe(`${name}, with proofs`, () => {
    test(
      'a token that was granted beside a proof opens a route with another one',
      { timeout: TIMEOUT },
      () =>
        bound(async ({ accessToken: token, prover, show, clientId }) => {
          const proof = () => proofOf(prover, 'GET', '/guarded', { token })
          for (const authorization of [`DPoP ${token}`, `dpop ${token}`])
            expect(bodyOf(await show(proof(), { authorization }))).toEqual({ identity: clientId })
        }),
    )

    test(
      'it opens nothing otherwise, and the challenge says by which scheme',
      { timeout: TIMEOUT },
      () =>
        bound(async ({ accessToken: token, prover, show }) => {
          const proof = (given: ProofGiven = {}, by = prover) =>
            proofOf(by, 'GET', '/guarded', { token, ...given })
          const used = proof()
          expect((await show(used)).status).toBe(200)
          const bearer = { authorization: `Bearer ${token}` }
          const evil = { claims: { htu: 'https://evil.example/guarded' } }
          for (const [answer, challenge] of [
            [await show(undefined, bearer), CHALLENGES.bearer],
            [await show(proof(), bearer), CHALLENGES.bearer],
            [await show(proof({}, aProver())), CHALLENGES.token],
            [await show(undefined), CHALLENGES.proof],
            [await show(used), CHALLENGES.proof],
            [await show([proof(), proof()]), CHALLENGES.proof],
            [await show(proof({ claims: { htm: 'POST' } })), CHALLENGES.proof],
            [await show(proofOf(prover, 'GET', '/secret', { token })), CHALLENGES.proof],
            [await show(proofOf(prover, 'GET', '/guarded')), CHALLENGES.proof],
            [await show(proof(evil), { host: 'evil.example' }), CHALLENGES.proof],
            [await show(proof(evil), { 'x-forwarded-host': 'evil.example' }), CHALLENGES.proof],
          ] as const) {
            expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, challenge])
            expectContract(answer)
          }
        }),
    )

    test('a bearer token that is shown with a proof opens nothing', { timeout: TIMEOUT }, () =>
      serving(async ({ login, ask }) => {
        const { accessToken: token } = await login()
        const dpop = proofOf(aProver(), 'GET', '/guarded', { token })
        const headers = { authorization: `DPoP ${token}`, dpop }
        const answer = await ask({ path: '/guarded', headers })
        expect(answer.headers['www-authenticate']).toBe(CHALLENGES.token)
        const alone = await ask({ path: '/guarded', headers: { authorization: `DPoP ${token}` } })
        expect(alone.status).toBe(401)
      }),
    )

    test(
      'a login with a wrong proof is told so, and renewing takes the same key',
      { timeout: TIMEOUT },
      () =>
        bound(
          async ({ accessToken, prover, ...served }) => {
            const wrong = await loginWith(served, proofOf(prover, 'GET', LOGIN))
            expect([wrong.status, bodyOf(wrong)['message']]).toEqual([
              400,
              'The DPoP proof is not valid',
            ])
            const path = '/api/v1/auth/token/renew'
            const renew = (by: Prover | undefined) =>
              served.ask({
                method: 'POST',
                path,
                headers: {
                  'content-type': 'application/json',
                  ...(by && { dpop: proofOf(by, 'POST', path) }),
                },
                body: JSON.stringify({ accessToken }),
              })
            expect((await renew(undefined)).status).toBe(401)
            expect((await renew(aProver())).status).toBe(401)
            expect(bodyOf(await renew(prover))).toMatchObject({ tokenType: 'DPoP' })
          },
          { tokenPolicy: { ttl: 60, maxTtl: 600 } },
        ),
    )

    test('below a prefix a proof is about the whole path', { timeout: TIMEOUT }, () =>
      serving(
        async (served) => {
          const login = (htu: string) =>
            loginWith(served, proofOf(aProver(), 'POST', htu), `${PREFIX}${LOGIN}`)
          expect((await login(`${PREFIX}${LOGIN}`)).status).toBe(200)
          expect((await login(LOGIN)).status).toBe(400)
        },
        { mounting: 'under a prefix' },
      ),
    )

    test('a token that is bound to a certificate opens with that of the socket alone', {
      timeout: TIMEOUT,
    }, async () => {
      const workload = await aWorkload({ tokenPolicy: { boundTo: 'certificate' } })
      const { issue } = fakeAuthority()
      const [mine, other] = [issue(['mine']), issue(['other'])]
      const host = await listenSecurely(
        create({ countersign: workload.countersign }),
        issue(['127.0.0.1']),
      )
      try {
        const { clientId, clientSecret } = workload
        const body = JSON.stringify({ clientId, clientSecret })
        const login = (by?: FakeCertificate) => host.ask('POST', LOGIN, { by, body })
        expect((await login()).status).toBe(401)
        const { accessToken } = JSON.parse((await login(mine)).body)
        const show = (by?: FakeCertificate, headers = {}) =>
          host.ask('GET', '/guarded', {
            by,
            headers: { authorization: `Bearer ${accessToken}`, ...headers },
          })
        expect((await show(mine)).status).toBe(200)
        const told = { 'x-forwarded-client-cert': mine.cert.replaceAll('\n', '%0A') }
        for (const answer of [await show(), await show(other), await show(undefined, told)])
          expect(answer.status).toBe(401)
        const claims = JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url').toString())
        expect(claims.cnf).toEqual({ 'x5t#S256': thumbprintOf(mine.cert) })
      } finally {
        await host.close()
      }
    })
  })
}

function thumbprintOf(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  return createHash('sha256').update(der).digest('base64url')
}

interface Asked {
  readonly by?: FakeCertificate | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A host that terminates TLS itself and asks clients for a certificate, without judging it. */
async function listenSecurely(app: RequestListener, certificate: FakeCertificate) {
  const server = createServer({ ...certificate, requestCert: true, rejectUnauthorized: false }, app)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    ask: (method: string, path: string, { by, headers, body }: Asked) =>
      new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
        const sent = request({
          ...{ host: '127.0.0.1', port, method, path, agent: false, rejectUnauthorized: false },
          ...by,
          headers: { 'content-type': 'application/json', ...headers },
        })
        sent.on('error', reject)
        sent.on('response', (response) => {
          const chunks: Uint8Array[] = []
          response.on('data', (chunk) => chunks.push(chunk))
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks).toString(),
            }),
          )
        })
        sent.end(body)
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
