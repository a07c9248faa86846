import { readFile } from 'node:fs/promises'
import { eventsOf } from '@countersign/testing'
import { describe, expect, test } from 'vitest'
import type { World } from './world.ts'
import { AWAY, aWorld, HOME, organization } from './world.ts'

// What the table of the guide says of a static token, and of an identity that logs in, line by line.

const PAGE = new URL('../../../docs/guides/from-api-keys.md', import.meta.url)

/** The first words of each line of the table. */
async function linesOfTable(): Promise<readonly string[]> {
  const [, table = ''] =
    /^\| {2,}\| an API key.*\n\|[-| ]+\n((?:\|.*\n)+)/m.exec(await readFile(PAGE, 'utf8')) ?? []
  return table
    .trim()
    .split('\n')
    .map((line) => (line.split('|')[1] ?? '').trim())
}

/** Two workloads in both projects and in the organization: one with a static token, one with a client secret. */
async function twoWorkloads(world: World, limits: { maxUses?: number; from?: string } = {}) {
  const { countersign, host } = world
  const subjects = await Promise.all(
    (['token', 'universal'] as const).map(async (method) => {
      const trustedSources = limits.from === undefined ? undefined : { token: [limits.from] }
      const tokenPolicy = {
        trustedSources,
        ...(method === 'universal' && { maxUses: limits.maxUses }),
      }
      const authMethod = { method, tokenPolicy }
      const { identity } = await host.identities.create({ organization, name: method, authMethod })
      await host.roleBindings.create({
        organization,
        subject: { identity: identity.id },
        role: 'viewer',
      })
      for (const project of ['web', 'api'])
        await host.projects.add({ organization, project, identity: identity.id, roles: ['viewer'] })
      return identity.id
    }),
  )
  const [holder = '', identity = ''] = subjects
  const token = await host.staticTokens.create({
    organization,
    identity: holder,
    name: 'fixed',
    ...(limits.maxUses !== undefined && { maxUses: limits.maxUses }),
  })
  const secret = await host.clientSecrets.create({ organization, identity })
  const login = (clientSecret = secret.clientSecret) =>
    countersign.login({ method: 'universal', identity, credential: { clientSecret } }, HOME)
  return { holder, identity, token, secret, login }
}

type Check = (world: World) => Promise<void>

const checks: Readonly<Record<string, Check>> = {
  async 'stands for'(world) {
    const { token, login, holder, identity } = await twoWorkloads(world)
    const { accessToken } = await login()
    for (const [bearer, who] of [
      [token.staticToken, holder],
      [accessToken, identity],
    ] as const)
      expect(await world.countersign.authenticate(bearer, HOME)).toMatchObject({ identity: who })
  },

  async 'reaches several projects, and the organization'(world) {
    const { token, login } = await twoWorkloads(world)
    for (const bearer of [token.staticToken, (await login()).accessToken]) {
      const principal = await world.countersign.authenticate(bearer, HOME)
      const answers = ['web', 'api'].map((project) => principal.can('report:read', { project }))
      expect([...answers, principal.can('invoice:read')]).toEqual([true, true, true])
    }
  },

  async 'has roles of its own'(world) {
    const { token, login } = await twoWorkloads(world)
    for (const bearer of [token.staticToken, (await login()).accessToken]) {
      const principal = await world.countersign.authenticate(bearer, HOME)
      expect(principal.permissions().map(({ role }) => role)).toContain('viewer')
      expect(principal.can('report:write', { project: 'web' })).toBe(false)
    }
  },

  async 'is sent with each request'(world) {
    const { countersign } = world
    const { token, secret } = await twoWorkloads(world)
    await countersign.authenticate(token.staticToken, HOME)
    await expect(countersign.authenticate(secret.clientSecret, HOME)).rejects.toMatchObject({
      code: 'invalid_token',
    })
  },

  async 'ends by itself'(world) {
    const { token, login } = await twoWorkloads(world)
    const { expiresIn } = await login()
    expect(expiresIn).toBe(7200)
    const lives = (token.expiresAt?.getTime() ?? 0) - token.createdAt.getTime()
    expect(lives).toBe(30 * 86_400_000)
    world.clock.advance(lives / 1000)
    await refusesBearer(world, token.staticToken)
    await login()
  },

  async 'has a limit of uses'(world) {
    const { token, login } = await twoWorkloads(world, { maxUses: 2 })
    for (const bearer of [token.staticToken, (await login()).accessToken]) {
      for (const _use of [1, 2]) await world.countersign.authenticate(bearer, HOME)
      await refusesBearer(world, bearer)
    }
  },

  async 'is bound to addresses'(world) {
    const { token, login } = await twoWorkloads(world, { from: '192.0.2.0/24' })
    for (const bearer of [token.staticToken, (await login()).accessToken]) {
      await world.countersign.authenticate(bearer, HOME)
      await expect(world.countersign.authenticate(bearer, AWAY)).rejects.toMatchObject({
        code: 'invalid_token',
      })
    }
  },

  async 'is locked for whoever guesses'(world) {
    const { token, login } = await twoWorkloads(world)
    const wrong = `${token.staticToken.slice(0, -1)}${token.staticToken.endsWith('0') ? '1' : '0'}`
    for (const _guess of [1, 2, 3]) {
      await refusesBearer(world, wrong)
      await expect(login('wrong')).rejects.toMatchObject({ code: 'invalid_credential' })
    }
    await world.countersign.authenticate(token.staticToken, HOME)
    await expect(login()).rejects.toMatchObject({ code: 'locked_out' })
  },

  async 'is replaced while both work'(world) {
    const { secret, login } = await twoWorkloads(world)
    const next = await world.host.clientSecrets.rotate({ organization, id: secret.id })
    await login()
    await login(next.clientSecret)
    expect(Object.keys(world.host.staticTokens)).not.toContain('rotate')
  },

  async 'is taken back'(world) {
    const { token, secret, login } = await twoWorkloads(world)
    const { accessToken } = await login()
    await world.host.staticTokens.revoke({ organization, id: token.id })
    await world.host.clientSecrets.revoke({ organization, id: secret.id })
    for (const bearer of [token.staticToken, accessToken]) await refusesBearer(world, bearer)
    await expect(login()).rejects.toMatchObject({ code: 'invalid_credential' })
  },

  async 'tells the trail of each login'(world) {
    const { token, login, holder, identity } = await twoWorkloads(world)
    await world.countersign.authenticate(token.staticToken, HOME)
    await login()
    const logins = (await eventsOf(world.countersign)).filter(
      ({ type }) => type === 'login.granted',
    )
    expect(logins.map(({ actor }) => actor)).toEqual([{ kind: 'identity', id: identity }])
    expect(holder).not.toBe(identity)
  },
}

async function refusesBearer({ countersign }: World, bearer: string): Promise<void> {
  await expect(countersign.authenticate(bearer, HOME)).rejects.toMatchObject({
    code: 'invalid_token',
  })
}

describe('the table', () => {
  test('has a check for each of its lines, and a line for each check', async () => {
    expect(await linesOfTable()).toEqual(Object.keys(checks))
  })

  test.each(Object.entries(checks))('%s', async (_line, check) => check(await aWorld()))
})
