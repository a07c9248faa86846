import { describe, expect, test } from 'vitest'
import type { CountersignError } from '../../src/errors.ts'
import type { Rule } from '../../src/model/rule.ts'
import type { TestEngine } from '../support/engine.ts'
import { aHouse, bindTo, canOf } from '../support/house.ts'
import { aWorkload, HOME } from '../support/workload.ts'

const organization = 'acme'
/** What an identity may hold in one scope, beside the no-access that it begins with. */
const ROLES = 99
const RULES_EACH = 102
const IN_PROD = { project: 'one', environment: 'prod' }

/** A workload behind 1,000 networks that holds so many roles, every second rule a denial. */
async function aCrowdOfRules(roles: number) {
  const house = await aHouse()
  const networks = Array.from({ length: 999 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`)
  const trusted = [...networks, '192.0.2.0/24']
  const tokenPolicy = { trustedSources: { credential: trusted, token: trusted } }
  const workload = await aWorkload({ engine: house, tokenPolicy })
  const subject = { kind: 'identity', id: workload.identity.id } as const
  for (let role = 0; role < roles; role += 1) {
    const { id } = await house.host.roles.create(aRole(role))
    await bindTo(house, subject, [{ role: id }])
  }
  return { ...workload, house, accessToken: (await workload.login()).accessToken }
}

function aRole(role: number) {
  const slug = `role-${role}`
  return { organization, slug, name: slug, rules: rulesOf(role) } as never
}

function rulesOf(role: number): readonly Rule[] {
  return Array.from({ length: RULES_EACH }, (_, at) => {
    const path = { glob: `/apps/${role}/*/${at}/**` }
    const where = { environment: { in: ['prod', `only-${role}-${at}`] }, path }
    return (
      at % 2 === 0 ? { allow: ['secret:read'], where } : { deny: ['secret:*'], where }
    ) as Rule
  })
}

/** Milliseconds of one check of a token and three of permissions. */
async function costOf({ countersign, accessToken, roles }: Crowd): Promise<number> {
  const paths = [`/apps/${roles - 1}/x/98/key`, `/apps/${roles - 1}/x/99/key`, '/nowhere/at/all']
  const before = performance.now()
  const principal = await countersign.authenticate(accessToken, HOME)
  for (const path of paths) canOf(principal, 'secret:read', { ...IN_PROD, path })
  return performance.now() - before
}

/** The least of many costs, taken in turns: others work on this machine as well. */
async function leastCosts(crowds: readonly Crowd[]): Promise<readonly number[]> {
  const least = crowds.map(() => Number.POSITIVE_INFINITY)
  for (let turn = 0; turn < 200; turn += 1)
    for (const [at, crowd] of crowds.entries())
      least[at] = Math.min(least[at] ?? 0, await costOf(crowd))
  return least
}

interface Crowd extends Pick<TestEngine, 'countersign'> {
  readonly accessToken: string
  readonly roles: number
}

describe('an identity with everything that it may have', () => {
  test('DOS-006 answers right among 1,000 networks and 10,000 rules, in a time that hardly grows', async () => {
    const quarter = { ...(await aCrowdOfRules(25)), roles: 25 }
    const whole = { ...(await aCrowdOfRules(ROLES)), roles: ROLES }
    const principal = await whole.countersign.authenticate(whole.accessToken, HOME)
    const reads = (path: string) => canOf(principal, 'secret:read', { ...IN_PROD, path })
    expect(['/apps/98/x/98/key', '/apps/98/x/99/key', '/apps/99/x/0/key'].map(reads)).toEqual([
      true,
      false,
      false,
    ])
    const [cost = 0, fewer = 0] = await leastCosts([whole, quarter])
    // Ten times what is promised.
    expect(cost).toBeLessThan(20)
    // Doubled twice: each time three times as much at the most.
    expect(cost).toBeLessThanOrEqual(9 * fewer)
  }, 120_000)

  test('DOS-006 may have no more than that', async () => {
    const { house, identity, key } = await aCrowdOfRules(ROLES)
    const { host } = house
    const subject = { identity: identity.id }
    const networks = Array.from({ length: 1001 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`)
    const tokenPolicy = { trustedSources: { token: networks } }
    const rules = Array(1001).fill({ allow: ['secret:read'] })
    const globs = Array(1001).fill('/apps')
    const one = { allow: ['secret:read'], where: { path: { in: globs } } }
    const refused = [
      host.roleBindings.create({ organization, subject, role: 'viewer' }),
      host.roles.create({ organization, slug: 'more', name: 'More', rules } as never),
      host.roles.create({ organization, slug: 'more', name: 'More', rules: [one] } as never),
      host.authMethods.update({ ...key, method: 'universal', tokenPolicy } as never),
    ]
    const errors = await Promise.all(refused.map((call) => call.catch((error: unknown) => error)))
    expect(errors.map((error) => (error as CountersignError).code)).toEqual([
      'conflict',
      ...Array(3).fill('invalid_request'),
    ])
    const told = errors.map((error) => (error as CountersignError).message).join()
    for (const cap of ['100', '1000 entries', 'rules must be at most 1000'])
      expect(told).toContain(cap)
  }, 60_000)
})

describe('a list that is asked for too much', () => {
  test('DOS-012 is refused before anybody is asked', async () => {
    const { host, key, calls } = await aWorkload()
    const { organization } = key
    const lists: Readonly<Record<string, (page: object) => Promise<unknown>>> = {
      organizations: (page) => host.organizations.list(page),
      projects: (page) => host.projects.list({ organization, ...page }),
      identities: (page) => host.identities.list({ organization, ...page }),
      authMethods: (page) => host.authMethods.list({ ...key, ...page }),
      clientSecrets: (page) => host.clientSecrets.list({ ...key, ...page }),
      staticTokens: (page) => host.staticTokens.list({ ...key, ...page }),
      roles: (page) => host.roles.list({ organization, ...page }),
      roleBindings: (page) => host.roleBindings.list({ organization, ...page }),
      events: (page) => host.events.list({ organization, ...page }),
      directory: (page) => host.directory.list({ organization, ...page }),
    }
    calls.forget()
    const abuses = [{ limit: 1e9 }, { limit: 101 }, { offset: 1e9 }, { order: 'lastUsedAt' }]
    for (const [name, list] of Object.entries(lists))
      for (const abuse of [...abuses, { cursor: 'x'.repeat(100_000) }])
        await expect(list(abuse), `${name} ${Object.keys(abuse)}`).rejects.toMatchObject({
          code: 'invalid_request',
        })
    expect(calls.verbs()).toEqual([])
    for (const list of Object.values(lists)) await expect(list({ limit: 1 })).resolves.toBeDefined()
  })
})
