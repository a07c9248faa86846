import type { Openldap } from '@countersign/testkit'
import { startFaultProxy } from '@countersign/testkit'
import { Client } from 'ldapts'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import {
  aDirectory,
  authority,
  otherAuthority,
  PASSWORD,
  PEOPLE,
  ROOT,
  ROOT_PASSWORD,
  SERVICE_PASSWORD,
} from '../support/directory.ts'
import { anEngine, claimsOf, policyOf, refusalOf } from '../support/world.ts'

const LOGINS = 200

let server: Openldap
beforeAll(async () => {
  // As a directory that is set up like Active Directory: it says yes to a name without a password.
  server = await aDirectory(['allow bind_anon_cred bind_anon_dn'])
}, 60_000)

const REFUSED = { code: 'invalid_credential' }
const usual = (more = {}) => policyOf(server.securePort, more)

/** A proxy that is closed at the end of the test. */
async function aProxy(port: number) {
  return startFaultProxy({ host: '127.0.0.1', port, protocol: 'other' })
}

describe('a directory that is attacked', () => {
  test('LDP-001 an empty password is refused before any bind, and this directory would have accepted it', async () => {
    const bare = new Client({ url: server.url })
    await expect(bare.bind(`uid=alice,${PEOPLE}`, '')).resolves.toBeUndefined()
    await bare.unbind()
    const proxy = await aProxy(server.securePort)
    const { logIn } = await anEngine(policyOf(proxy.port))
    for (const password of ['', '\0', '\0x'])
      expect(await refusalOf(logIn('alice', password))).toMatchObject({
        ...REFUSED,
        reason: 'password_empty',
      })
    expect(proxy.sent('client')).toBe(0)
    await logIn()
    await proxy.close()
  })

  test('LDP-002 a user name stays one value of a filter', async () => {
    const { logIn } = await anEngine(usual())
    const names = [
      '*',
      '*)(uid=*',
      'admin)(|(uid=*',
      '\\00',
      '\0',
      ')(cn=',
      ')(|(cn=*',
      'ali*',
      'ａlice)',
      '\\61lice',
    ]
    for (const name of names) expect(await refusalOf(logIn(name))).toMatchObject(REFUSED)
    await logIn()
  })

  test('LDP-003 a user name stays one value of a DN', async () => {
    const direct = { bindDn: undefined, bindPassword: undefined, searchBase: undefined }
    const { logIn } = await anEngine(usual({ ...direct, dnTemplate: `uid={{username}},${PEOPLE}` }))
    for (const name of [
      'a,ou=admins',
      'a+cn=b',
      'alice+cn=alice',
      'a\\',
      '#6869',
      '#616c696365',
      'alice\\',
      '"alice"',
    ])
      expect(await refusalOf(logIn(name))).toMatchObject(REFUSED)
    await logIn()
  })

  test('LDP-004 two entries are nobody, though both have the password', async () => {
    const { logIn } = await anEngine(usual({ searchFilter: '(mail={{username}})' }))
    expect(await refusalOf(logIn('twin@example.org'))).toMatchObject({
      ...REFUSED,
      reason: 'user_ambiguous',
    })
    await logIn('alice@example.org')
  })

  test('LDP-007 nothing is bound in clear: no StartTLS, a wrong authority, a wrong name, a URL without TLS', async () => {
    const bare = await aDirectory([], null)
    const proxy = await aProxy(bare.port)
    const inClear = usual({ urls: [`ldap://127.0.0.1:${proxy.port}`], startTls: true })
    const { logIn, attach, login } = await anEngine(inClear)
    expect(await refusalOf(logIn())).toMatchObject({ code: 'unavailable' })
    expect(proxy.sent('client')).toBe(1)
    await proxy.close()
    const named = await aDirectory([], authority.issue(['ldap.elsewhere.example']))
    const others = [
      policyOf(named.securePort),
      policyOf(named.port, { urls: [`ldap://127.0.0.1:${named.port}`], startTls: true }),
      usual({ ca: otherAuthority.ca }),
      usual({ ca: undefined }),
      usual({ urls: [`ldaps://127.0.0.1:${server.port}`] }),
    ]
    for (const policy of others)
      expect(await refusalOf(login(await attach(policy), 'alice', PASSWORD))).toMatchObject({
        code: 'unavailable',
      })
    const strict = { egress: { allow: ['127.0.0.1'], ports: 'any' as const } }
    const plain = usual({ urls: [server.url] })
    expect(await refusalOf(anEngine(plain, strict))).toMatchObject({ code: 'invalid_request' })
    await (await anEngine(usual({ urls: [server.url], startTls: true }), strict)).logIn()
  })

  test('LDP-008 an entry that is renamed between search and bind, or replaced behind the bind, is refused', async () => {
    const root = new Client({ url: server.url })
    await root.bind(ROOT, ROOT_PASSWORD)
    const outcomes: string[] = []
    // The client sends: bind, search, bind as the user, bind as the service, read. Clear text, so that each is one chunk.
    for (const request of [3, 5]) {
      const proxy = await renaming(root, request)
      const { logIn } = await anEngine(usual({ urls: [`ldap://127.0.0.1:${proxy.port}`] }))
      const error = await refusalOf(logIn('admin'))
      outcomes.push(`${error.code} ${error.reason}`)
      await proxy.close()
      await root.modifyDN(`uid=renamed,${PEOPLE}`, `uid=admin`)
    }
    await root.unbind()
    expect(outcomes).toEqual([
      'invalid_credential wrong_password',
      'invalid_credential entry_changed',
    ])
    await (await anEngine(usual())).logIn('admin')
  })

  test('LDP-009 every value of an attribute counts, by the rule that says how; what is missing denies', async () => {
    const { attach, login } = await anEngine(usual())
    const asked = async (field: object) =>
      login(
        await attach(usual({ allowedFields: [{ attribute: 'title', values: ['x'], ...field }] })),
        'alice',
        PASSWORD,
      )
    const accepted = [
      { values: ['Deployer'] },
      { values: ['none', 'builder'] },
      { attribute: 'TITLE', values: ['builder'] },
      { values: ['DEPLOYER'], match: 'ignoreCase' },
      { attribute: 'jpegPhoto', values: ['_9j_4A'], match: 'base64url' },
    ]
    for (const field of accepted) await expect(asked(field)).resolves.toBeDefined()
    const refused = [
      { values: ['deployer'] },
      { values: ['build'] },
      { values: ['builder,Deployer'] },
      { attribute: 'employeeType' },
      { attribute: 'nosuchattribute' },
      { attribute: 'jpegPhoto', values: ['\ufffd\ufffd\ufffd\ufffd', '_9j_4A'] },
      { attribute: 'jpegPhoto', values: ['_9j_'], match: 'base64url' },
    ]
    for (const field of refused)
      expect(await refusalOf(asked(field))).toMatchObject({
        ...REFUSED,
        reason: 'field_not_allowed',
      })
  })

  test('LDP-010 a directory that hangs costs its deadline, and no socket', async () => {
    const proxy = await aProxy(server.securePort)
    const { logIn } = await anEngine(policyOf(proxy.port))
    await logIn()
    proxy.set('black-hole')
    const before = sockets()
    const since = performance.now()
    const refusals = await Promise.all(Array.from({ length: LOGINS }, () => refusalOf(logIn())))
    expect(performance.now() - since).toBeLessThan(50_000)
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['unavailable']))
    proxy.set('none')
    await logIn()
    await proxy.close()
    await vi.waitFor(() => expect(sockets()).toBeLessThanOrEqual(before), 20_000)
  }, 120_000)

  test('LDP-011 no password is in an event, an error, a log or a policy that is shown', async () => {
    const { logIn, host, identity, events, attach, login } = await anEngine(usual())
    const secret = 'a-wrong-password-of-the-test'
    const errors = [await refusalOf(logIn('alice', secret))]
    await logIn()
    const wrong = await attach(usual({ bindPassword: `${SERVICE_PASSWORD}-wrong` }))
    errors.push(await refusalOf(login(wrong, 'alice', PASSWORD)))
    const shown = await host.authMethods.get({ organization: 'acme', identity, method: 'ldap' })
    const told = JSON.stringify([shown, await events(), errors.map(tellAll)])
    for (const password of [secret, SERVICE_PASSWORD, PASSWORD.trim()])
      expect(told).not.toContain(password)
    expect(shown.policy).toMatchObject({ bindPassword: '[sealed]' })
    expect(errors.map(({ code }) => code)).toEqual(['invalid_credential', 'unavailable'])
  })

  test('LCK-015 a directory that is down counts no failure, and locks nobody', async () => {
    const proxy = await aProxy(server.securePort)
    const { logIn } = await anEngine(policyOf(proxy.port), { lockout: { threshold: 3 } })
    proxy.set('refuse')
    for (let count = 0; count < 5; count += 1)
      expect(await refusalOf(logIn())).toMatchObject({ code: 'unavailable' })
    proxy.set('none')
    expect(claimsOf((await logIn()).accessToken)['att']).toMatchObject({ username: 'alice' })
    for (let count = 0; count < 3; count += 1)
      expect(await refusalOf(logIn('alice', 'wrong'))).toMatchObject(REFUSED)
    expect(await refusalOf(logIn())).toMatchObject({ code: 'locked_out' })
    await proxy.close()
  })
})

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => /TCPSocket|TLS/.test(name)).length
}

function tellAll(error: Error): unknown {
  const { cause } = error
  return [String(error), error.stack, { ...error }, cause instanceof Error ? tellAll(cause) : cause]
}

/** A proxy that renames `admin` before it passes the k-th request on. */
async function renaming(root: Client, request: number) {
  const { createServer, connect } = await import('node:net')
  let seen = 0
  const open = createServer((client) => {
    const upstream = connect(server.port, '127.0.0.1')
    upstream.on('error', () => client.destroy()).pipe(client)
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
    client.on('data', async (chunk) => {
      seen += 1
      if (seen === request) await root.modifyDN(`uid=admin,${PEOPLE}`, `uid=renamed`)
      upstream.write(chunk)
    })
  })
  await new Promise<void>((resolve) => open.listen(0, '127.0.0.1', resolve))
  const address = open.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => new Promise((resolve) => open.close(resolve)),
  }
}
