import { describe, expect, test } from 'vitest'
import type { Rule } from '../../src/model/rule.ts'
import { resources } from '../permission/naive.ts'
import type { TestEngine } from '../support/engine.ts'
import { aHouse, anActor, KINDS } from '../support/house.ts'

const organization = 'acme'
const secret = { project: 'one', environment: 'prod', path: '/x' }

/** A node of a newer version, whose vocabulary has more words than that of the older one beside it. */
async function twoVersions() {
  const secrets = { ...resources.secret, actions: ['read', 'write', 'everything'] }
  const newer = await aHouse({
    resources: { ...resources, secret: secrets, vault: { scope: 'project', actions: ['open'] } },
  })
  return { newer, older: await aHouse({ beside: newer }) }
}

/** A role as a newer version would store it. */
async function aStoredRole({ host, storage }: TestEngine, rules: readonly unknown[]) {
  const named = { organization, slug: `role-${rules.length}`, name: 'Newer' }
  const role = await host.roles.create({ ...named, rules: [] })
  await storage.roles.replace({ ...role, revision: 2, rules: rules as readonly Rule[] }, [])
  return role
}

const STORED = KINDS.filter((kind) => kind !== 'a vouched user')

describe.each(STORED)('a rule of a newer version that %s holds', (kind) => {
  test.each([
    ['secret:everything'],
    ['*:*'],
    ['vault:*'],
    ['secret:*:read'],
    ['secret'],
    ['Secret:read'],
    ['**'],
  ])('ESC-012 grants nothing by %s, nor by what stands beside it', async (word) => {
    const { newer, older } = await twoVersions()
    const role = await aStoredRole(newer, [{ allow: [word, 'secret:read'] }])
    const actor = await anActor(older, kind, [{ role: role.id }])
    for (const permission of ['secret:read', 'secret:write', word])
      expect(actor.can(permission, secret)).toBe(false)
  })

  test('ESC-012 grants nothing by an operator that is unknown here', async () => {
    const { newer, older } = await twoVersions()
    const where = { environment: { startsWith: 'p' } }
    const role = await aStoredRole(newer, [{ allow: ['secret:read'], where }])
    expect((await anActor(older, kind, [{ role: role.id }])).can('secret:read', secret)).toBe(false)
  })

  test('ESC-012 denies all that an unknown deny may reach', async () => {
    const { newer, older } = await twoVersions()
    const where = { environment: { startsWith: 'x' } }
    const role = await aStoredRole(newer, [
      { allow: ['secret:*'] },
      { deny: ['secret:read', 'secret:everything'], where },
    ])
    const actor = await anActor(older, kind, [{ role: role.id }])
    expect(actor.can('secret:read', secret)).toBe(false)
    expect(actor.can('secret:write', secret)).toBe(true)
  })
})

describe('checkVocabulary()', () => {
  test('lists the stored rules that it does not understand, where they stand', async () => {
    const { newer, older } = await twoVersions()
    const role = await aStoredRole(newer, [{ allow: ['secret:read'] }, { allow: ['vault:open'] }])
    const subject = { user: 'u_1' }
    const rules = [{ deny: ['secret:everything'] }]
    const bound = { organization, project: 'one', subject, rules } as never
    const { id } = await newer.host.roleBindings.create(bound)
    const unknown = await older.countersign.checkVocabulary()
    expect(unknown).toEqual([
      { organization, in: { role: role.id }, rule: 1, effect: 'allow', words: ['vault:open'] },
      {
        organization,
        in: { roleBinding: id },
        rule: 0,
        effect: 'deny',
        words: ['secret:everything'],
      },
    ])
    expect(await newer.countersign.checkVocabulary()).toEqual([])
  })

  test('lists bindings of roles that the code has lost, which deny nothing any more', async () => {
    const auditor = { scope: 'organization', rules: [{ deny: ['identity:read'] }] } as const
    const newer = await aHouse({ roles: { auditor } })
    const { id } = await newer.host.roleBindings.create({
      organization,
      subject: { user: 'u_1' },
      role: 'auditor' as never,
    })
    const older = await aHouse({ beside: newer })
    expect(await older.countersign.checkVocabulary()).toEqual([
      { organization, in: { roleBinding: id }, role: 'auditor' },
    ])
    expect(await newer.countersign.checkVocabulary()).toEqual([])
  })

  test('is told by ready() in one event, and in none where all is understood', async () => {
    const { newer, older } = await twoVersions()
    await aStoredRole(newer, [{ allow: ['vault:open'] }, { allow: ['vault:open'] }])
    await newer.countersign.ready()
    await older.countersign.ready()
    const told = (await newer.recorded()).filter(({ type }) => type === 'vocabulary.outgrown')
    expect(told).toMatchObject([
      { actor: { kind: 'engine' }, details: { found: 2, words: 'vault:open' } },
    ])
  })

  test('lets no role be saved before its words are known', async () => {
    const { newer, older } = await twoVersions()
    const { id } = await aStoredRole(newer, [{ allow: ['vault:open'] }])
    const { rules } = await older.host.roles.get({ organization, id })
    const saving = older.host.roles.update({ organization, id, rules })
    await expect(saving).rejects.toMatchObject({ code: 'invalid_request' })
    const shortened = await older.host.roles.update({ organization, id, rules: [] })
    expect(shortened.rules).toEqual([])
  })
})
