// What must not compile: each line below an @ts-expect-error is a question or a rule that could never come true.

import type { memoryStorage } from '../../src/index.ts'
import { createCountersign } from '../../src/index.ts'

declare const storage: ReturnType<typeof memoryStorage>

const source = { address: '192.0.2.1' }
const usual = { issuer: 'https://id.example.com', rootKeys: [''], storage } as const

const engine = createCountersign({
  ...usual,
  resources: {
    secret: {
      scope: 'project',
      actions: ['read', 'write'],
      attributes: { environment: 'text', path: 'path' },
    },
    invoice: { scope: 'organization', actions: ['read', 'approve'] },
  },
  roles: {
    deployer: {
      scope: 'project',
      rules: [
        { allow: ['secret:read'], where: { environment: 'prod', path: { glob: '/apps/**' } } },
      ],
    },
    billing: {
      scope: 'organization',
      rules: [{ allow: ['invoice:*'] }, { deny: ['invoice:approve'] }],
    },
  },
})

const place = { project: 'one', environment: 'prod', path: '/x' }
const organization = 'acme'

/** Questions. */
export async function questions(): Promise<void> {
  const principal = await engine.authenticate('t', source)
  principal.can('secret:read', place)
  principal.can('invoice:approve')
  principal.can('identity:read')
  principal.can('identity:read', { project: 'one' })
  principal.canSometimes('secret:write')
  principal.conditions('secret:read', { project: 'one' })

  // @ts-expect-error a misspelt action
  principal.can('secret:raed', place)
  // @ts-expect-error a misspelt resource
  principal.can('secrets:read', place)
  // @ts-expect-error a wildcard is nothing that can be asked for
  principal.can('secret:*', place)
  // @ts-expect-error nor is everything
  principal.can('*', place)
  // @ts-expect-error a missing attribute
  principal.can('secret:read', { project: 'one', environment: 'prod' })
  // @ts-expect-error a missing project
  principal.can('secret:read', { environment: 'prod', path: '/x' })
  // @ts-expect-error nothing said at all
  principal.can('secret:read')
  // @ts-expect-error a misspelt attribute
  principal.can('secret:read', { project: 'one', enviroment: 'prod', path: '/x' })
  // @ts-expect-error an attribute that is no text
  principal.can('secret:read', { ...place, path: 1 })
  // @ts-expect-error an attribute that may be absent
  principal.can('secret:read', { ...place, path: undefined })
  // @ts-expect-error a project, for what lives in the organization
  principal.can('invoice:read', { project: 'one' })
  // @ts-expect-error an attribute of another resource
  principal.can('invoice:read', { environment: 'prod' })
  // @ts-expect-error a misspelt action of a built-in resource
  principal.can('identity:raed')
  // @ts-expect-error authorize() asks like can()
  principal.authorize('secret:read', { project: 'one' })
  // @ts-expect-error and so does explain()
  principal.explain('secret:read', { project: 'one' })
  // @ts-expect-error a menu asks in words of the vocabulary, too
  principal.canSometimes('secret:shred')
  // @ts-expect-error and so do lists
  principal.conditions('secret:shred', { project: 'one' })
}

/** Users whom the host vouches for. */
export function users(): void {
  const user = { user: 'u', organization }
  engine.principalFor({ ...user, bindings: [{ role: 'deployer', project: 'one' }] })
  engine.principalFor({ ...user, bindings: [{ rules: [{ allow: ['secret:read'] }] }] })
  engine.principalFor(user).can('secret:read', place)

  // @ts-expect-error a slug that no role has
  engine.principalFor({ ...user, bindings: [{ role: 'deplyoer' }] })
  // @ts-expect-error a permission that no resource has
  engine.principalFor({ ...user, bindings: [{ rules: [{ allow: ['secret:raed'] }] }] })
  // @ts-expect-error a role beside rules
  engine.principalFor({ ...user, bindings: [{ role: 'billing', rules: [] }] })
  // @ts-expect-error stored bindings have to be asked for
  engine.principalFor({ ...user, bindings: 'stored' }).can('invoice:read')
}

/** Roles and bindings. */
export async function roles(): Promise<void> {
  const { roles: written, roleBindings, identities, projects } = engine.asHost('types')
  const named = { organization, slug: 's', name: 'n' }
  const subject = { identity: 'i' }
  const allow = ['secret:read'] as const
  const role = await written.create({
    ...named,
    rules: [
      {
        allow: ['secret:*'],
        where: { environment: { in: ['dev', { ref: 'identity.metadata.team' }] } },
      },
    ],
  })
  await roleBindings.create({ organization, subject, role: role.id, for: '1h' })
  await roleBindings.create({ organization, subject, role: 'deployer', project: 'one' })
  await projects.add({ organization, project: 'one', identity: 'i', roles: ['deployer'] })

  // @ts-expect-error a misspelt permission
  await written.create({ ...named, rules: [{ allow: ['secret:raed'] }] })
  // @ts-expect-error a misspelt attribute
  await written.create({ ...named, rules: [{ allow, where: { enviroment: 'x' } }] })
  // @ts-expect-error a misspelt operator
  await written.create({ ...named, rules: [{ allow, where: { path: { blob: '/x' } } }] })
  // @ts-expect-error a reference to nothing
  await written.create({ ...named, rules: [{ allow, where: { path: { ref: 'me.age' } } }] })
  // @ts-expect-error a pattern of another kind
  await written.create({ ...named, rules: [{ allow: ['secret:read'], where: { path: /x/ } }] })
  // @ts-expect-error an allow and a deny in one rule
  await written.create({ ...named, rules: [{ allow: ['secret:read'], deny: ['secret:write'] }] })
  // @ts-expect-error neither
  await written.create({ ...named, rules: [{ where: { path: '/x' } }] })
  // @ts-expect-error a change in words that nobody knows
  await written.update({ organization, id: 'r', rules: [{ allow: ['secrets:read'] }] })
  // @ts-expect-error a slug that no role has
  await roleBindings.create({ organization, subject, role: 'deplyoer' })
  // @ts-expect-error a role beside rules
  await roleBindings.create({ organization, subject, role: 'deployer', rules: [] })
  // @ts-expect-error a subject of both kinds
  await roleBindings.create({ organization, subject: { user: 'u', identity: 'i' }, role: 'admin' })
  // @ts-expect-error a slug that no role has
  await projects.add({ organization, project: 'one', identity: 'i', roles: ['deplyoer'] })
  // @ts-expect-error a slug that no role has
  await identities.create({ organization, name: 'n', role: 'deplyoer' })
  // @ts-expect-error bindings have no name to be ordered by
  await roleBindings.list({ organization, order: 'name' })
}

/** Declarations. */
export function declarations(): void {
  createCountersign({
    ...usual,
    // @ts-expect-error a reserved resource
    resources: { identity: { scope: 'project', actions: ['read'] } },
  })
  createCountersign({
    ...usual,
    resources: { secret: { scope: 'project', actions: ['read'] } },
    // @ts-expect-error a role with a permission that no resource has
    roles: { reader: { scope: 'project', rules: [{ allow: ['secret:raed'] }] } },
  })
  createCountersign({
    ...usual,
    // @ts-expect-error a kind of attribute that there is not
    resources: { secret: { scope: 'project', actions: ['read'], attributes: { path: 'glob' } } },
  })
}
