import { ldap } from '@countersign/ldap'
import type { Openldap } from '@countersign/testkit'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  aDirectory,
  authority,
  PASSWORD,
  PEOPLE,
  SERVICE,
  SERVICE_PASSWORD,
} from './support/directory.ts'
import { anEngine, LOOPBACK, policyOf, refusalOf } from './support/world.ts'

let server: Openldap
beforeAll(async () => {
  server = await aDirectory()
}, 60_000)

const organization = 'acme'

/** A template of the directory, and two identities that name it. */
async function aTemplate() {
  const engine = await anEngine(policyOf(server.securePort))
  const { host } = engine
  const connection = {
    urls: [`ldaps://127.0.0.1:${server.securePort}`],
    ca: authority.ca,
    bindDn: SERVICE,
    bindPassword: SERVICE_PASSWORD,
    searchBase: PEOPLE,
  }
  const template = await host.authTemplates.create({
    organization,
    name: 'Head office',
    method: 'ldap',
    policy: connection,
  })
  const attach = async (users: readonly string[]) => {
    const { identity } = await host.identities.create({ organization, name: 'worker' })
    const key = { organization, identity: identity.id, method: 'ldap' } as const
    await host.authMethods.attach({ ...key, template: template.id, policy: { users } })
    return identity.id
  }
  return {
    ...engine,
    connection,
    template,
    one: await attach(['alice']),
    other: await attach(['bob']),
  }
}

describe('a template of a directory', () => {
  test('is asked by every identity that names it, each with its own users', async () => {
    const { login, one, other } = await aTemplate()
    await expect(login(one, 'alice', PASSWORD)).resolves.toMatchObject({ tokenType: 'Bearer' })
    await expect(login(other, 'bob', PASSWORD)).resolves.toMatchObject({ tokenType: 'Bearer' })
    expect((await refusalOf(login(one, 'bob', PASSWORD))).reason).toBe('user_not_allowed')
  }, 30_000)

  test('is changed for all of them at once', async () => {
    const { login, host, template, connection, one, other } = await aTemplate()
    const id = { organization, id: template.id }
    const moved = { ...connection, bindPassword: '[sealed]', searchBase: `ou=admins,${PEOPLE}` }
    await host.authTemplates.update({ ...id, policy: moved })
    for (const [identity, user] of [
      [one, 'alice'],
      [other, 'bob'],
    ] as const)
      expect((await refusalOf(login(identity, user, PASSWORD))).reason).toBe('user_unknown')
  }, 30_000)

  test('holds nothing of whom is trusted, and is held to the egress policy', async () => {
    const { host, connection } = await aTemplate()
    const create = (policy: object) =>
      refusalOf(host.authTemplates.create({ organization, name: 'x', method: 'ldap', policy }))
    const refused = { code: 'invalid_request' }
    expect(await create({ ...connection, users: ['alice'] })).toMatchObject(refused)
    expect(await create({ ...connection, urls: ['ldaps://10.0.0.1'] })).toMatchObject(refused)
    expect(await create({ ...connection, bindPassword: undefined })).toMatchObject(refused)
    expect(await create({})).toMatchObject(refused)
  }, 30_000)

  test('never has its password sent to a server that an auth method states', async () => {
    const { host, template, connection, one } = await aTemplate()
    const key = { organization, identity: one, method: 'ldap' } as const
    const { members = [] } = ldap({ egress: LOOPBACK }).template ?? {}
    expect(members).toEqual(
      expect.arrayContaining([
        ...Object.keys(connection),
        'startTls',
        'clientCertificate',
        'dnTemplate',
      ]),
    )
    for (const name of members) {
      const policy = { users: ['alice'], [name]: name === 'urls' ? ['ldaps://127.0.0.1:1'] : 'x=y' }
      const change = host.authMethods.update({ ...key, template: template.id, policy })
      expect(await refusalOf(change)).toMatchObject({
        code: 'invalid_request',
        message: `${name} must not be stated beside a template`,
      })
    }
  }, 30_000)
})
