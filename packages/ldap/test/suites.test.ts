import type { Verifier } from '@countersign/core/plugin'
import { ldap } from '@countersign/ldap'
import type { VerifierSubject } from '@countersign/testing/conformance'
import { hostileCases, verifierCases } from '@countersign/testing/conformance'
import type { Openldap } from '@countersign/testkit'
import { freePort } from '@countersign/testkit'
import { beforeAll, describe, test } from 'vitest'
import { aDirectory, PASSWORD } from './support/directory.ts'
import { anEngine, LOOPBACK, policyOf } from './support/world.ts'

let server: Openldap
beforeAll(async () => {
  server = await aDirectory()
}, 60_000)

async function presenting(username: string, password: string, port = server.securePort) {
  const { countersign, host, identity } = await anEngine(policyOf(port))
  const found = await host.identities.get({ organization: 'acme', id: identity })
  const now = countersign.clock.now()
  const context = { identity: found, source: {}, now, fetch: globalThis.fetch }
  return {
    policy: policyOf(port),
    credential: { username, password },
    context: context as unknown as Awaited<
      ReturnType<VerifierSubject['accepted'][string]>
    >['context'],
  }
}

describe('verifierCases, for ldap()', () => {
  test.each(verifierCases.map(({ name, run }) => [name, run] as const))(
    '%s',
    async (_name, run) => {
      await run({
        verifier: ldap({ egress: LOOPBACK }) as unknown as Verifier,
        accepted: {
          'the right password': () => presenting('alice', PASSWORD),
          'another spelling': () => presenting(' ALICE', PASSWORD),
        },
        rejected: {
          'a wrong password': () => presenting('alice', 'a wrong password of some length'),
          'no password': () => presenting('alice', ''),
          'no such user': () => presenting('nobody', PASSWORD),
          'not allowed': () => presenting('bob', PASSWORD),
          'no name': () => presenting('alice\u200b', PASSWORD),
        },
        undecided: { 'no directory': async () => presenting('alice', PASSWORD, await freePort()) },
        unconstrained: [{ ...policyOf(636), allowedFields: undefined }],
        malformed: [
          {},
          { username: 'alice' },
          { username: '', password: 'x' },
          { username: 'a', password: 7 },
        ],
      })
    },
    60_000,
  )
})

describe('hostileCases, for ldap()', () => {
  test.each(hostileCases.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => {
    const { logIn, attach, login, events } = await anEngine(policyOf(server.securePort))
    const impossible = {
      impossible: 'A password is neither signed nor dated, nor made for anybody',
    }
    await run({
      honest: () => logIn(),
      hostile: {
        unsigned: () => logIn('alice', ''),
        none: impossible,
        wrong_key: () => logIn('alice', 'wrong'),
        wrong_audience: () => logIn('bob'),
        other_issuer: impossible,
        expired: impossible,
        not_yet_valid: impossible,
        replayed: { impossible: 'A password is meant to be presented again and again' },
        oversized: () => logIn('alice', 'x'.repeat(100_000)),
        malformed: () => logIn('\u0000'),
        issuer_down: async () => login(await attach(policyOf(await freePort())), 'alice', PASSWORD),
      },
      events,
    })
  })
})
