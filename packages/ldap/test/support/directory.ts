import { fakeAuthority } from '@countersign/testing/fakes'
import type { Openldap, OpenldapOptions } from '@countersign/testkit'
import { startOpenldap } from '@countersign/testkit'
import { afterAll } from 'vitest'

export const SUFFIX = 'dc=example,dc=org'
export const PEOPLE = `ou=people,${SUFFIX}`
export const SERVICE = `cn=service,${SUFFIX}`
export const SERVICE_PASSWORD = 'the-service-password-of-the-test'
export const PASSWORD = ' right horse, with blanks '
export const ROOT = `cn=root,${SUFFIX}`
export const ROOT_PASSWORD = 'the-root-password-of-the-test'

export const authority = fakeAuthority()
export const otherAuthority = fakeAuthority('Another authority')

const person = (name: string, more: readonly string[] = []): string =>
  [
    `dn: uid=${name},${PEOPLE}`,
    'objectClass: inetOrgPerson',
    `uid: ${name}`,
    `cn: ${name}`,
    `sn: ${name}`,
    `userPassword:: ${Buffer.from(PASSWORD).toString('base64')}`,
    ...more,
    '',
  ].join('\n')

const LDIF = [
  `dn: ${SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Example\n`,
  `dn: ${SERVICE}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\nuserPassword: ${SERVICE_PASSWORD}\n`,
  `dn: ${PEOPLE}\nobjectClass: organizationalUnit\n`,
  `dn: ou=admins,${PEOPLE}\nobjectClass: organizationalUnit\n`,
  `dn: ou=groups,${SUFFIX}\nobjectClass: organizationalUnit\n`,
  person('alice', [
    'title: builder',
    'title: Deployer',
    'jpegPhoto:: /9j/4A==',
    'mail: alice@example.org',
  ]),
  person('bob', ['title: tester', 'mail: twin@example.org']),
  person('carol', ['title: builder', 'mail: twin@example.org']),
  person('admin', ['title: builder']),
  `dn: uid=a,ou=admins,${PEOPLE}\nobjectClass: inetOrgPerson\nuid: a\ncn: a\nsn: a\ntitle: builder\nuserPassword:: ${Buffer.from(PASSWORD).toString('base64')}\n`,
  `dn: cn=Builders,ou=groups,${SUFFIX}\nobjectClass: groupOfNames\nmember: uid=alice,${PEOPLE}\n`,
  `dn: cn=Testers,ou=groups,${SUFFIX}\nobjectClass: groupOfNames\nmember: uid=bob,${PEOPLE}\n`,
].join('\n')

const running: Openldap[] = []
afterAll(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

/** Starts a directory for one test file, and stops it behind the last test. */
export async function aDirectory(
  settings: readonly string[] = [],
  tls: NonNullable<OpenldapOptions['tls']> | null = authority.issue(['127.0.0.1', 'localhost']),
): Promise<Openldap> {
  const root = { rootDn: ROOT, rootPassword: ROOT_PASSWORD }
  const server = await startOpenldap({
    suffix: SUFFIX,
    ldif: LDIF,
    settings,
    ...root,
    ...(tls !== null && { tls }),
  })
  running.push(server)
  return server
}
