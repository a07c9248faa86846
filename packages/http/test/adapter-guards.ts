import { Agent } from 'node:http'
import type { Storage } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import type { Adapter } from './adapter.ts'
import { LOGIN } from './cases/case.ts'
import { bodyOf, expectContract } from './support/answer.ts'
import { servingIn } from './support/serving.ts'
import type { WireRequest } from './support/wire.ts'
import { answersIn, dial, send } from './support/wire.ts'
import { another, aWorkload, withHook } from './support/workload.ts'

/** Holds an adapter to what its guard and its addresses promise. */
export function describeGuards({ name, create }: Adapter): void {
  const serving = servingIn(create)

  describe(`${name}, guarded`, () => {
    test('TOK-001 a route refuses an empty bearer, and does not run', async () => {
      const runs: string[] = []
      await serving(
        async ({ ask }) => {
          for (const authorization of ['', 'Bearer', 'Bearer ', 'bearer']) {
            const answer = await ask({ path: '/guarded', headers: { authorization } })
            expect(answer.status).toBe(401)
            expectContract(answer)
          }
          expect((await ask({ path: '/guarded' })).status).toBe(401)
          expect(runs).toEqual([])
        },
        { ran: (path) => runs.push(path) },
      )
    })

    test('TOK-002 TOK-003 a route takes the Bearer scheme in any case, and no other', () =>
      serving(async ({ login, ask, clientId }) => {
        const { accessToken } = await login()
        const asked = (scheme: string) =>
          ask({ path: '/guarded', headers: { authorization: `${scheme}${accessToken}` } })
        for (const scheme of ['Basic ', 'Token ', 'Negotiate ', 'Bearer: ', 'Bearer  '])
          expect((await asked(scheme)).status).toBe(401)
        for (const scheme of ['Bearer ', 'bearer ', 'BEARER '])
          expect(bodyOf(await asked(scheme))).toEqual({ identity: clientId })
      }))

    test('TOK-005 a route reads no token out of a query, a form or a cookie', () =>
      serving(async ({ login, ask }) => {
        const { accessToken } = await login()
        const fields = `access_token=${accessToken}`
        const type = { 'content-type': 'application/x-www-form-urlencoded' }
        const requests: readonly WireRequest[] = [
          { path: `/guarded?${fields}` },
          { path: '/guarded', headers: type, body: fields },
          { path: '/guarded', headers: { cookie: fields, 'x-access-token': accessToken } },
        ]
        for (const request of requests) expect((await ask(request)).status).toBe(401)
      }))

    test('an optional guard lets strangers pass as nobody, and refuses a bad token of ours', () =>
      serving(async ({ login, ask, countersign, clientId }) => {
        const { accessToken } = await login()
        const foreign = await (await aWorkload({ issuer: 'https://other.example' })).login()
        const asked = async (authorization?: string) => {
          const headers = authorization === undefined ? {} : { authorization }
          const answer = await ask({ path: '/optional', headers })
          return answer.status === 200 ? bodyOf(answer)['identity'] : answer.status
        }
        expect(await asked()).toBe(null)
        expect(await asked('')).toBe(null)
        expect(await asked('Basic dXNlcjpwYXNz')).toBe(null)
        expect(await asked('Bearer ghp_16C7e42F292c6912E7')).toBe(null)
        expect(await asked(`Bearer ${foreign.accessToken}`)).toBe(null)
        expect(await asked(`Bearer ${accessToken}`)).toBe(clientId)
        await countersign.revoke(accessToken, {})
        expect(await asked(`Bearer ${accessToken}`)).toBe(401)
      }))

    test('a request spends one use, behind two guards too', () =>
      serving(
        async ({ login, askAs }) => {
          const { accessToken } = await login()
          const statuses = []
          for (const path of ['/twice', '/guarded', '/twice', '/guarded'])
            statuses.push((await askAs(accessToken, path)).status)
          expect(statuses).toEqual([200, 200, 200, 401])
        },
        { tokenPolicy: { maxUses: 3 } },
      ))

    test('HTP-013 storage that fails is one 503, and the route does not run', async () => {
      const runs: string[] = []
      let isCut = false
      const around = (storage: Storage): Storage =>
        withHook(storage, () => {
          if (isCut) throw new Error('The connection to db.internal is gone')
        })
      await serving(
        async ({ login, askAs, port }) => {
          const { accessToken } = await login()
          isCut = true
          for (const path of ['/guarded', '/optional', '/twice']) {
            const answer = await askAs(accessToken, path)
            expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
            expectContract(answer)
            expect(answer.body).not.toContain('db.internal')
          }
          const client = dial(port)
          const headers = [
            'Host: host.example',
            'Connection: close',
            `Authorization: Bearer ${accessToken}`,
          ]
          client.write(['GET /guarded HTTP/1.1', ...headers, '', ''].join('\r\n'))
          expect(answersIn(await client.closed)).toEqual([503])
          expect(runs).toEqual([])
          isCut = false
          expect((await askAs(accessToken)).status).toBe(200)
        },
        { around, ran: (path) => runs.push(path) },
      )
    })

    test('HTP-013 a guard that comes too late to answer breaks nothing', () =>
      serving(async ({ ask, askAs, login }) => {
        const { accessToken } = await login()
        expect(await ask({ path: '/answered' })).toMatchObject({ status: 200, body: 'taken' })
        expect((await askAs(accessToken)).status).toBe(200)
      }))

    test('HTP-014 1,000 requests of two identities, interleaved on shared connections, each see their own', () =>
      serving(async ({ countersign, login, port, clientId }) => {
        const other = await another(countersign, { name: 'other' })
        const tokens = [(await login()).accessToken, (await other.login()).accessToken]
        const agent = new Agent({ keepAlive: true, maxSockets: 8 })
        const seen = async (index: number) => {
          const headers = { authorization: `Bearer ${tokens[index % 2]}` }
          return bodyOf(await send(port, { path: '/guarded', headers }, agent))['identity']
        }
        const identities = await Promise.all(
          Array.from({ length: 1000 }, (_, index) => seen(index)),
        )
        agent.destroy()
        const expected = identities.map((_, index) => (index % 2 === 0 ? clientId : other.clientId))
        expect(identities).toEqual(expected)
      }))

    test('HTP-015 principalOf() without a guard is a 500 of the host, with any token', () =>
      serving(async ({ login, ask, askAs }) => {
        const { accessToken } = await login()
        for (const answer of [
          await ask({ path: '/unguarded' }),
          await askAs(accessToken, '/unguarded'),
        ]) {
          expect(answer.status).toBe(500)
          expect(answer.body).not.toContain(accessToken)
        }
      }))
  })

  describe(`${name}, addresses`, () => {
    const tokenPolicy = { trustedSources: { credential: ['10.0.0.0/8'], token: ['10.0.0.0/8'] } }
    const proxies = ['127.0.0.1/32', '10.9.0.0/16']
    const claiming = ['X-Real-IP', 'CF-Connecting-IP', 'True-Client-IP', 'X_Forwarded_For']
    const liar = Object.fromEntries(claiming.map((header) => [header, '10.1.1.1']))

    interface Row {
      readonly name: string
      readonly trustedProxies?: readonly string[]
      readonly headers: WireRequest['headers']
      readonly status: number
    }
    const forwarded = (value: string | readonly string[]) => ({ 'X-Forwarded-For': value })

    const rows: readonly Row[] = [
      {
        name: 'the hop before the proxy counts',
        trustedProxies: proxies,
        headers: forwarded('10.1.1.1'),
        status: 200,
      },
      {
        name: 'IPX-015 a hop left of an untrusted one counts for nothing',
        trustedProxies: proxies,
        headers: forwarded('10.1.1.1, 203.0.113.9'),
        status: 401,
      },
      {
        name: 'IPX-016 the header of a peer that is no proxy counts for nothing',
        trustedProxies: ['10.9.0.0/16'],
        headers: forwarded('10.1.1.1'),
        status: 401,
      },
      {
        name: 'IPX-017 without proxies no header counts',
        headers: { ...liar, ...forwarded('10.1.1.1'), Forwarded: 'for=10.1.1.1' },
        status: 401,
      },
      {
        name: 'IPX-018 a hop that cannot be read ends the chain',
        trustedProxies: proxies,
        headers: forwarded('10.1.1.1, garbage, 10.9.0.5'),
        status: 401,
      },
      {
        name: 'IPX-018 an empty hop ends the chain',
        trustedProxies: proxies,
        headers: forwarded('10.1.1.1,,10.9.0.5'),
        status: 401,
      },
      {
        name: 'IPX-018 33 hops are too many',
        trustedProxies: proxies,
        headers: forwarded(Array(33).fill('10.1.1.1').join(',')),
        status: 401,
      },
      {
        name: 'IPX-018 1,500 hops are too many',
        trustedProxies: proxies,
        headers: forwarded(Array(1500).fill('10.1.1.1').join(',')),
        status: 401,
      },
      {
        name: 'IPX-018 33 headers are too many',
        trustedProxies: proxies,
        headers: forwarded(Array(33).fill('10.1.1.1')),
        status: 401,
      },
      {
        name: 'IPX-018 a hop in a header of its own that cannot be read ends the chain',
        trustedProxies: proxies,
        headers: forwarded(['10.1.1.1', 'garbage', '10.9.0.5']),
        status: 401,
      },
      {
        name: 'IPX-019 nobody but proxies is nobody',
        trustedProxies: proxies,
        headers: forwarded('10.9.0.1, 10.9.0.2'),
        status: 401,
      },
      {
        name: 'IPX-020 no other spelling of the header counts',
        trustedProxies: proxies,
        headers: liar,
        status: 401,
      },
      {
        name: 'IPX-020 of two headers the last hop counts',
        trustedProxies: proxies,
        headers: forwarded(['10.1.1.1', '203.0.113.9']),
        status: 401,
      },
      {
        name: 'IPX-021 there is no mode for Forwarded: it counts for nothing',
        trustedProxies: proxies,
        headers: { Forwarded: 'for=10.1.1.1' },
        status: 401,
      },
      {
        name: 'IPX-021 there is no mode for Forwarded: beside the header that counts it counts for nothing',
        trustedProxies: proxies,
        headers: { Forwarded: 'for="[2001:db8::1]:443";proto=https', ...forwarded('10.1.1.1') },
        status: 200,
      },
      ...['0177.0.0.1', '0x7f.1', '127.1', '2130706433', '012.0.0.1', '10'].map((hop) => ({
        name: `IPX-007 ${hop} is no address`,
        trustedProxies: proxies,
        headers: forwarded(hop),
        status: 401,
      })),
      ...['10.0.0.256', '10.0.0.1.', '10.0.0.1:443', '[::1]:443', '10.0.0.1%0a'].map((hop) => ({
        name: `IPX-008 ${hop} is no address`,
        trustedProxies: proxies,
        headers: forwarded(hop),
        status: 401,
      })),
    ]

    test.each(rows)('$name', ({ trustedProxies, headers, status }) =>
      serving(
        async ({ ask, login, clientId, clientSecret }) => {
          const body = JSON.stringify({ clientId, clientSecret })
          const all = { 'content-type': 'application/json', ...headers }
          expect((await ask({ method: 'POST', path: LOGIN, headers: all, body })).status).toBe(
            status,
          )
          const { accessToken } = await login({ address: '10.1.1.1' })
          const bearer = { ...headers, authorization: `Bearer ${accessToken}` }
          expect((await ask({ path: '/guarded', headers: bearer })).status).toBe(status)
        },
        { tokenPolicy, ...(trustedProxies !== undefined && { trustedProxies }) },
      ),
    )

    test('the socket counts where nothing else is said', () =>
      serving(
        async ({ askAs, login }) => {
          const { accessToken } = await login({ address: '127.0.0.1' })
          expect((await askAs(accessToken)).status).toBe(200)
        },
        { tokenPolicy: { trustedSources: { credential: ['127.0.0.1'], token: ['127.0.0.1'] } } },
      ))

    test('clientAddress decides over socket and proxies, and undefined is an unknown address', () =>
      serving(
        async ({ ask, login }) => {
          const { accessToken } = await login({ address: '10.1.1.1' })
          const asked = async (headers: WireRequest['headers']) => {
            const all = { ...headers, authorization: `Bearer ${accessToken}` }
            return (await ask({ path: '/guarded', headers: all })).status
          }
          expect(await asked({ 'x-edge-address': '10.2.2.2' })).toBe(200)
          expect(await asked({ 'x-edge-address': '203.0.113.9', ...forwarded('10.1.1.1') })).toBe(
            401,
          )
          expect(await asked(forwarded('10.1.1.1'))).toBe(401)
        },
        { tokenPolicy, trustedProxies: proxies, addressHeader: 'x-edge-address' },
      ))
  })
}
