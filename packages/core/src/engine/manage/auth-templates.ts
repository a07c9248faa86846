import { conflict, invalidRequest, notFound } from '../../errors.ts'
import type {
  AuthTemplateChange,
  AuthTemplateKey,
  AuthTemplateList,
  AuthTemplateUsage,
  NewAuthTemplate,
} from '../../input/auth-template.ts'
import {
  authTemplateChange,
  authTemplateKey,
  authTemplateList,
  authTemplateUsage,
  newAuthTemplate,
} from '../../input/auth-template.ts'
import { parse } from '../../input/parse.ts'
import { defined } from '../../lib/defined.ts'
import { mintId } from '../../lib/ids.ts'
import type { AuthMethod } from '../../model/auth-method.ts'
import type { AuthTemplate } from '../../model/auth-template.ts'
import type { Event, EventType } from '../../model/event.ts'
import { inOrganization } from '../../model/scope.ts'
import { pagesOf } from '../pages.ts'
import { keepSecrets, sealPolicy, withoutSecrets } from '../policy-secrets.ts'
import type { CommandsOf, Desk } from './command.ts'
import { createKeeper, firstRevision } from './keeper.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'
import { templateFormOf } from './policy-settings.ts'
import { assertWorks } from './probe-policy.ts'
import { onlyCovered } from './restricted.ts'

/** An auth method that names a template. */
export type TemplateUser = Pick<AuthMethod, 'id' | 'identity' | 'method'>

/** Manages what auth methods of an organization share. */
export interface AuthTemplates {
  /** Makes one; the verifier of its method judges what it holds. */
  create(template: NewAuthTemplate): Promise<AuthTemplate>
  /** Answers one without its secrets, or throws `not_found`. */
  get(key: AuthTemplateKey): Promise<AuthTemplate>
  list(query: AuthTemplateList): Promise<Page<AuthTemplate>>
  /** Lists the auth methods that name it, but for those of identities that hold more than the actor. */
  usage(query: AuthTemplateUsage): Promise<Page<TemplateUser>>
  /** Changes one, for every auth method that names it and from the next login on. */
  update(change: AuthTemplateChange): Promise<AuthTemplate>
  /** Deletes one; `conflict` while an auth method names it. */
  delete(key: AuthTemplateKey): Promise<void>
}

const keeper = createKeeper('auth template', (stores) => stores.authTemplates)

/** What managing auth templates takes and does. */
export const authTemplateCommands: CommandsOf<AuthTemplates> = {
  create: {
    input: newAuthTemplate,
    permission: 'auth-template:create',
    scopeOf: inOrganization,
    probe: async (desk, { method, policy }) =>
      assertWorks(desk, method, parse(templateFormOf(desk, method).policy, policy)),
    run: create,
  },
  get: {
    input: authTemplateKey,
    permission: 'auth-template:read',
    scopeOf: inOrganization,
    run: async (desk, { organization, id }) =>
      withoutSecrets(desk, await keeper.get(desk.storage, [organization, id])),
  },
  list: {
    input: authTemplateList,
    permission: 'auth-template:read',
    scopeOf: inOrganization,
    run: list,
  },
  usage: {
    input: authTemplateUsage,
    permission: 'auth-template:read',
    scopeOf: inOrganization,
    run: usage,
  },
  update: {
    input: authTemplateChange,
    permission: 'auth-template:update',
    scopeOf: inOrganization,
    probe: probeChange,
    run: update,
  },
  delete: {
    input: authTemplateKey,
    permission: 'auth-template:delete',
    scopeOf: inOrganization,
    run: remove,
  },
}

async function create(desk: Desk, wanted: NewAuthTemplate): Promise<AuthTemplate> {
  const { organization, name, method } = wanted
  const now = desk.clock.now()
  const template: AuthTemplate = {
    id: mintId('atp', now, desk.runtime.random),
    organization,
    name,
    method,
    policy: parse(templateFormOf(desk, method).policy, wanted.policy),
    ...firstRevision(now),
  }
  const sealed = { ...template, policy: await sealPolicy(desk, template) }
  const event = templateEvent(desk, 'auth_template.created', template)
  if (await desk.storage.authTemplates.insert(sealed, [event])) return withoutSecrets(desk, sealed)
  throw notFound('organization')
}

async function list(
  desk: Desk,
  { organization, name, method, ...page }: AuthTemplateList,
): Promise<Page<AuthTemplate>> {
  const filter = { organization, ...defined({ name, method }) }
  const found = await pageOf('auth templates', desk.storage.authTemplates, page, filter)
  return { ...found, items: found.items.map((template) => withoutSecrets(desk, template)) }
}

async function usage(
  desk: Desk,
  { organization, id, ...page }: AuthTemplateUsage,
): Promise<Page<TemplateUser>> {
  await keeper.get(desk.storage, [organization, id])
  const { authMethods } = desk.storage
  const byId: Pick<typeof authMethods, 'page'> = {
    page: (asked) => authMethods.page({ ...asked, order: 'id' }),
  }
  const users = onlyCovered(desk, organization, byId, ({ identity }) => ({
    kind: 'identity',
    id: identity,
  }))
  const found = await pageOf('users of a template', users, page, { organization, template: id })
  const items = found.items.map((row) => ({
    id: row.id,
    identity: row.identity,
    method: row.method,
  }))
  return { ...found, items }
}

async function update(
  desk: Desk,
  { organization, id, revision, name, policy }: AuthTemplateChange,
): Promise<AuthTemplate> {
  if (policy !== undefined) await assertUsers(desk, organization, id)
  const revised = await keeper.update(desk, [organization, id], {
    revision,
    apply: async (standing) => ({
      ...defined({ name }),
      ...(policy !== undefined && { policy: await changeShared(desk, standing, policy) }),
    }),
    event: (template) => templateEvent(desk, 'auth_template.updated', template),
  })
  return withoutSecrets(desk, revised)
}

/** Nobody is told a password by a change that is not theirs to make. */
async function probeChange(
  desk: Desk,
  { organization, id, policy }: AuthTemplateChange,
): Promise<void> {
  const standing = await desk.storage.authTemplates.find(organization, id)
  if (standing === undefined || policy === undefined) return
  await assertUsers(desk, organization, id)
  await assertWorks(desk, standing.method, await readShared(desk, standing, policy))
}

async function changeShared(desk: Desk, standing: AuthTemplate, policy: unknown): Promise<unknown> {
  const parsed = await readShared(desk, standing, policy)
  return sealPolicy(desk, { ...standing, policy: parsed })
}

async function readShared(desk: Desk, standing: AuthTemplate, policy: unknown): Promise<unknown> {
  if (typeof policy !== 'object' || policy === null)
    throw invalidRequest('policy must be an object')
  const whole = await keepSecrets(desk, standing, policy)
  return parse(templateFormOf(desk, standing.method).policy, whole)
}

/** Whoever says where a directory is can log in as everybody who asks it. */
async function assertUsers(desk: Desk, organization: string, template: string): Promise<void> {
  if (!desk.boundary.isBounded) return
  const ids = new Set<string>()
  for await (const { identity } of pagesOf(desk.storage.authMethods, { organization, template }))
    ids.add(identity)
  const subjects = [...ids].map((id) => ({ kind: 'identity', id }) as const)
  if (subjects.some((subject) => desk.boundary.isOneself(subject))) desk.boundary.refuseOneself()
  for (let from = 0; from < subjects.length; from += BATCH) {
    const some = subjects.slice(from, from + BATCH)
    for (const holding of await desk.storage.roleBindings.heldBy(organization, some))
      desk.boundary.assertCovers(holding)
  }
}

/** Identities asked about in one question. */
const BATCH = 100

async function remove(desk: Desk, { organization, id }: AuthTemplateKey): Promise<void> {
  const template = await keeper.get(desk.storage, [organization, id])
  const event = templateEvent(desk, 'auth_template.deleted', template)
  if (await desk.storage.authTemplates.remove([organization, id], [event])) return
  throw conflict('An auth method names the template; take it away there first')
}

function templateEvent(
  { note }: Desk,
  type: EventType,
  { organization, id, name, method }: AuthTemplate,
): Event {
  return note({
    type,
    organization,
    target: { kind: 'auth_template', id },
    details: { name, method },
  })
}
