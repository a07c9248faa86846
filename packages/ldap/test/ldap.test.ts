import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { parseWith } from '@countersign/core/plugin'
import type { LdapPolicy } from '@countersign/ldap'
import { ldap } from '@countersign/ldap'
import type { Openldap } from '@countersign/testkit'
import { freePort } from '@countersign/testkit'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import {
  aDirectory,
  authority,
  otherAuthority,
  PASSWORD,
  PEOPLE,
  SUFFIX,
} from './support/directory.ts'
import { anEngine, claimsOf, LOOPBACK, policyOf, refusalOf } from './support/world.ts'

const LOGINS = process.env['COUNTERSIGN_SOAK'] === '1' ? 1000 : 100
const NO_SEARCH = { bindDn: undefined, bindPassword: undefined, searchBase: undefined }
const GROUPS = { base: `ou=groups,${SUFFIX}`, filter: '(member={{dn}})' }

let server: Openldap
beforeAll(async () => {
  server = await aDirectory()
}, 60_000)

const usual = (more: Partial<LdapPolicy> = {}) => policyOf(server.securePort, more)

describe('ldap() with a real directory', () => {
  test('searches, binds, and tells who it was', async () => {
    const { logIn } = await anEngine(usual({ attested: ['mail', 'title'] }))
    const { accessToken } = await logIn(' ALICE ')
    expect(claimsOf(accessToken)['att']).toEqual({
      username: 'alice',
      dn: `uid=alice,${PEOPLE}`,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      mail: 'alice@example.org',
    })
    expect(await refusalOf(logIn('alice', PASSWORD.trim()))).toMatchObject({
      reason: 'wrong_password',
    })
    expect(await refusalOf(logIn('nobody'))).toMatchObject({ reason: 'user_unknown' })
    expect(await refusalOf(logIn('bob'))).toMatchObject({ reason: 'field_not_allowed' })
  })

  test('binds directly by a template', async () => {
    const direct = { ...NO_SEARCH, dnTemplate: `uid={{username}},${PEOPLE}` }
    const { logIn } = await anEngine(usual(direct))
    await logIn()
    expect(await refusalOf(logIn('alice', 'wrong'))).toMatchObject({ reason: 'wrong_password' })
    expect(await refusalOf(logIn('bob'))).toMatchObject({ reason: 'field_not_allowed' })
  })

  test('upgrades by StartTLS, and trusts one authority alone', async () => {
    const upgraded = { urls: [server.url], startTls: true as const }
    const { logIn, attach, login } = await anEngine(usual(upgraded))
    await logIn()
    const other = await attach(usual({ ...upgraded, ca: otherAuthority.ca }))
    const error = await refusalOf(login(other, 'alice', PASSWORD))
    expect(error).toMatchObject({ code: 'unavailable', cause: { code: 'tls_failed' } })
  })

  test('believes nothing that came in clear behind the answer to StartTLS', async () => {
    const yes = Buffer.from('300c02010178070a010004000400', 'hex')
    for (const more of ['', '300c02010261070a010004000400', '30']) {
      const fake = createServer((client) => {
        client.on('error', () => undefined)
        client.once('data', () => client.write(Buffer.concat([yes, Buffer.from(more, 'hex')])))
      }).listen(0, '127.0.0.1')
      await once(fake, 'listening')
      const { port } = fake.address() as AddressInfo
      const urls = [`ldap://127.0.0.1:${port}`]
      const { logIn } = await anEngine(usual({ urls, startTls: true }))
      const code = more === '' ? 'too_late' : 'start_tls_refused'
      expect(await refusalOf(logIn())).toMatchObject({ code: 'unavailable', cause: { code } })
      fake.close()
    }
  })

  test('shows a certificate of its own where a server wants one', async () => {
    const tls = { ...authority.issue(['127.0.0.1']), clientCa: authority.ca }
    const strict = await aDirectory([], tls)
    const { attach, login, logIn } = await anEngine(policyOf(strict.securePort))
    expect(await refusalOf(logIn())).toMatchObject({ code: 'unavailable' })
    const shownBy = async ({ cert: certificate, key }: { cert: string; key: string }) => {
      const clientCertificate = { certificate, key }
      return attach(policyOf(strict.securePort, { clientCertificate }))
    }
    const wrong = await shownBy(otherAuthority.issue(['client']))
    expect(await refusalOf(login(wrong, 'alice', PASSWORD))).toMatchObject({ code: 'unavailable' })
    await login(await shownBy(authority.issue(['client'])), 'alice', PASSWORD)
  })

  test('asks for the groups that are allowed', async () => {
    const bounds = {
      allowedFields: undefined,
      groups: { ...GROUPS, allowed: ['builders', 'x)(cn=*'] },
    }
    const { logIn, login, attach } = await anEngine(usual(bounds))
    await logIn()
    expect(await refusalOf(logIn('bob'))).toMatchObject({ reason: 'group_not_allowed' })
    const others = { allowedFields: undefined, groups: { ...GROUPS, allowed: ['*'] } }
    const none = await attach(usual(others))
    expect(await refusalOf(login(none, 'alice', PASSWORD))).toMatchObject({
      reason: 'group_not_allowed',
    })
  })

  test('goes on to the next server, but not where its own password is refused', async () => {
    const nowhere = `ldaps://127.0.0.1:${await freePort()}`
    const here = `ldaps://127.0.0.1:${server.securePort}`
    const { logIn, attach, login } = await anEngine(usual({ urls: [nowhere, here] }))
    await logIn()
    const wrong = await attach(usual({ urls: [here, here], bindPassword: 'wrong' }))
    expect(await refusalOf(login(wrong, 'alice', PASSWORD))).toMatchObject({
      code: 'unavailable',
      cause: { code: 'service_refused' },
    })
  })

  test('dials no address that the host does not admit, whatever a name resolves to', async () => {
    const network = {
      resolve: async () => ['127.0.0.1', '10.0.0.1'],
      deadline: (seconds: number) => AbortSignal.timeout(seconds * 1000),
    }
    const policy = usual({ urls: [`ldaps://directory.example:${server.securePort}`] })
    const { logIn } = await anEngine(policy, { network })
    expect(await refusalOf(logIn())).toMatchObject({ cause: { code: 'egress_refused' } })
  })

  test('is unavailable wherever the server goes away, or falls silent', async () => {
    for (const request of [1, 2, 3, 4, 5])
      for (const fault of ['cut', 'hang'] as const) {
        const proxy = await stoppingAt(request, fault)
        const { logIn } = await anEngine(usual({ urls: [`ldap://127.0.0.1:${proxy.port}`] }))
        expect(await refusalOf(logIn()), `${fault} ${request}`).toMatchObject({
          code: 'unavailable',
        })
        expect(proxy.connections(), `${fault} ${request}`).toBe(1)
        await proxy.close()
      }
  }, 120_000)

  test('leaves no socket open, whatever comes of a login', async () => {
    const proxy = await stoppingAt(Number.POSITIVE_INFINITY, 'cut', server.securePort)
    const { logIn } = await anEngine(policyOf(proxy.port))
    for (let count = 0; count < LOGINS; count += 10)
      await Promise.allSettled(
        Array.from({ length: 10 }, (_one, index) => logIn(index % 3 ? 'alice' : 'nobody')),
      )
    await vi.waitFor(() => expect(proxy.open()).toBe(0), 20_000)
    expect(proxy.connections()).toBe(LOGINS)
    await proxy.close()
  }, 300_000)
})

describe('lockout of user names', () => {
  test('counts each name by itself, in one spelling', async () => {
    const { logIn } = await anEngine(usual(), { lockout: { threshold: 3 } })
    for (const name of ['alice', ' ALICE', 'ａｌｉｃｅ'])
      expect(await refusalOf(logIn(name, 'wrong'))).toMatchObject({ reason: 'wrong_password' })
    expect(await refusalOf(logIn())).toMatchObject({ code: 'locked_out' })
    await logIn('carol')
  })

  test('does not let a right login as one clear the guesses at another', async () => {
    const { logIn } = await anEngine(usual(), { lockout: { threshold: 3 } })
    await logIn('carol')
    for (let count = 0; count < 3; count += 1) {
      expect(await refusalOf(logIn('alice', 'wrong'))).toMatchObject({ reason: 'wrong_password' })
      await logIn('carol')
    }
    expect(await refusalOf(logIn('alice'))).toMatchObject({ code: 'locked_out' })
  })

  test('refuses names with characters that nobody sees', async () => {
    const { logIn } = await anEngine(usual())
    for (const name of [
      'al\u00adice',
      'alice\u200b',
      'alice\u0000',
      'a\ufe0flice',
      '\u2060alice',
      ' ',
    ])
      expect(await refusalOf(logIn(name))).toMatchObject({ reason: 'username_malformed' })
  })
})

describe('policies', () => {
  const { policy } = ldap({ egress: LOOPBACK })
  test.each<[string, object]>([
    ['let everybody in', { allowedFields: undefined }],
    ['say anyUser beside a bound', { anyUser: true }],
    ['search nowhere', { searchBase: undefined }],
    ['bind in two ways', { dnTemplate: 'uid={{username}},dc=x' }],
    ['have a name of the service without a password', { bindPassword: undefined }],
    ['name a mechanism of SASL', { bindDn: 'EXTERNAL' }],
    ['have a filter without a name', { searchFilter: '(uid=x)' }],
    ['have a filter in which a name is an attribute', { searchFilter: '({{username}}=x)' }],
    ['have a filter that is none', { searchFilter: '(uid={{username}}' }],
    ['ask for another placeholder', { searchFilter: '(&(uid={{username}})(cn={{password}}))' }],
    ['read passwords', { attested: ['userPassword'] }],
    ['name a host that is not public', { urls: ['ldaps://10.0.0.1'] }],
    ['name no directory', { urls: ['https://127.0.0.1'] }],
    ['hold credentials in a URL', { urls: ['ldaps://a:b@127.0.0.1'] }],
  ])('are refused where they %s', (_what, more) => {
    expect(parseWith(policy, policyOf(636, more))).toHaveProperty('problem')
  })

  test('are accepted otherwise', () => {
    for (const more of [{}, { allowedFields: undefined, users: ['alice'] }])
      expect(parseWith(policy, policyOf(636, more))).not.toHaveProperty('problem')
  })
})

/** A proxy to the directory that is cut, or falls silent, at the k-th request: in clear, each is one chunk. */
async function stoppingAt(request: number, fault: 'cut' | 'hang', port = server.port) {
  let connections = 0
  let closed = 0
  let seen = 0
  const open = createServer((client) => {
    connections += 1
    const upstream = connect(port, '127.0.0.1')
    upstream.on('error', () => client.destroy()).pipe(client)
    client.on('error', () => upstream.destroy())
    client.on('close', () => {
      closed += 1
      upstream.destroy()
    })
    client.on('data', (chunk) => {
      seen += 1
      if (seen < request) upstream.write(chunk)
      else if (fault === 'cut') client.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(open, 'listening')
  return {
    port: (open.address() as AddressInfo).port,
    connections: () => connections,
    /** How many connections are open. */
    open: () => connections - closed,
    close: async () => {
      open.close()
      await once(open, 'close')
    },
  }
}
