import { createServer } from 'node:net'
import type { LdapPolicy } from '@countersign/ldap'
import type { Openldap } from '@countersign/testkit'
import { freePort } from '@countersign/testkit'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  aDirectory,
  authority,
  otherAuthority,
  PASSWORD,
  PEOPLE,
  SERVICE_PASSWORD,
} from './support/directory.ts'
import { anEngine, policyOf, refusalOf } from './support/world.ts'

let server: Openldap
beforeAll(async () => {
  server = await aDirectory()
}, 60_000)

const organization = 'acme'

/** An engine that tries policies out when they are saved, and an identity without a method. */
async function aTested(options: Parameters<typeof anEngine>[1] = {}) {
  const engine = await anEngine(policyOf(server.securePort), { tested: true, ...options })
  const { identity } = await engine.host.identities.create({ organization, name: 'new' })
  const key = { organization, identity: identity.id, method: 'ldap' } as const
  const save = (more: Partial<LdapPolicy>, port = server.securePort) =>
    engine.host.authMethods.attach({ ...key, policy: policyOf(port, more) })
  return { ...engine, key, save }
}

describe('a policy that is saved', () => {
  test('is refused where the directory refuses its service, and nothing is saved', async () => {
    const { save, host, key, events } = await aTested()
    const before = (await events()).length
    const error = await refusalOf(save({ bindPassword: 'not the one' }))
    expect(error).toMatchObject({
      code: 'invalid_request',
      message: 'bindPassword must be one that the directory accepts for bindDn',
    })
    expect(JSON.stringify(error)).not.toContain('not the one')
    expect(await refusalOf(host.authMethods.get(key))).toMatchObject({ code: 'not_found' })
    expect((await events()).length).toBe(before)
    await expect(save({})).resolves.toMatchObject({ method: 'ldap' })
  }, 30_000)

  test('is refused where no server can be reached, trusted or upgraded', async () => {
    const { save } = await aTested()
    const bare = await aDirectory([], null)
    const plain = { urls: [`ldap://127.0.0.1:${bare.port}`], startTls: true } as const
    const messageOf = async (attempt: Promise<unknown>) => (await refusalOf(attempt)).message
    expect([
      await messageOf(save({}, await freePort())),
      await messageOf(save({ ca: otherAuthority.ca })),
      await messageOf(save(plain)),
    ]).toEqual([
      'urls must name a server that can be reached',
      'urls must name a server that proves its name to a trusted authority',
      'urls must name a server that accepts StartTLS',
    ])
  }, 60_000)

  test('is refused at the deadline where a server keeps silent', async () => {
    const controllers: AbortController[] = []
    const network = {
      resolve: async () => ['127.0.0.1'],
      deadline: () => {
        const controller = new AbortController()
        controllers.push(controller)
        return controller.signal
      },
    }
    const silent = createServer((socket) => {
      socket.on('error', () => undefined)
      for (const controller of controllers) controller.abort()
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const { save } = await aTested({ network })
    expect(await refusalOf(save({}, port))).toMatchObject({
      code: 'invalid_request',
      message: 'urls must name a server that answers in time',
    })
    silent.close()
  }, 30_000)

  test('is held to the egress policy before anything is asked', async () => {
    const { save } = await aTested()
    expect((await refusalOf(save({ urls: ['ldaps://10.0.0.1'] }))).code).toBe('invalid_request')
  }, 30_000)

  test('is tried again only where it changes', async () => {
    const directory = await aDirectory()
    const { save, host, key } = await aTested()
    await save({}, directory.securePort)
    await directory.stop()
    await expect(host.authMethods.update({ ...key, lockout: 'off' })).resolves.toBeDefined()
    const policy = policyOf(directory.securePort, { bindPassword: '[sealed]' })
    expect(await refusalOf(host.authMethods.update({ ...key, policy }))).toMatchObject({
      code: 'invalid_request',
    })
  }, 60_000)

  test('is tried with the identity that is made with it, and by a template', async () => {
    const { host } = await aTested()
    const bad = policyOf(server.securePort, { bindPassword: 'not the one' })
    const made = host.identities.create({
      organization,
      name: 'with',
      authMethod: { method: 'ldap', policy: bad },
    })
    expect(await refusalOf(made)).toMatchObject({ code: 'invalid_request' })
    const { allowedFields: _fields, ...connection } = bad
    const said = { organization, name: 'Head office', method: 'ldap' }
    expect(
      await refusalOf(host.authTemplates.create({ ...said, policy: connection })),
    ).toMatchObject({ code: 'invalid_request' })
    const good = { ...connection, bindPassword: SERVICE_PASSWORD }
    const { id } = await host.authTemplates.create({ ...said, policy: good })
    const change = { organization, id, policy: { ...good, bindPassword: 'not the one' } }
    expect(await refusalOf(host.authTemplates.update(change))).toMatchObject({
      message: 'bindPassword must be one that the directory accepts for bindDn',
    })
    expect((await host.authTemplates.get({ organization, id })).revision).toBe(1)
  }, 30_000)

  test('is saved as it is where the host says so, and where no service binds', async () => {
    const { attach } = await anEngine(policyOf(server.securePort))
    await expect(attach(policyOf(await freePort()))).resolves.toMatch(/^idn_/)
    const { host, key, login } = await aTested()
    const policy = {
      urls: [`ldaps://127.0.0.1:${server.securePort}`],
      ca: authority.ca,
      dnTemplate: `uid={{username}},${PEOPLE}`,
      users: ['alice'],
    }
    await host.authMethods.attach({ ...key, policy })
    await expect(login(key.identity, 'alice', PASSWORD)).resolves.toBeDefined()
  }, 30_000)
})

test('a policy without a service is refused where the directory accepts nobody', async () => {
  const closed = await aDirectory(['disallow bind_anon'])
  const { host } = await aTested()
  const { identity } = await host.identities.create({ organization, name: 'anonymous' })
  const { bindDn: _dn, bindPassword: _password, ...policy } = policyOf(closed.securePort)
  const attached = host.authMethods.attach({
    organization,
    identity: identity.id,
    method: 'ldap',
    policy,
  })
  expect((await refusalOf(attached)).message).toBe(
    'bindDn must be stated: the directory accepts nobody without a name',
  )
}, 60_000)
