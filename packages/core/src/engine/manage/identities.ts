import { conflict, notFound } from '../../errors.ts'
import type {
  EnsuredIdentity,
  IdentityChange,
  IdentityKey,
  IdentityList,
  NewIdentity,
} from '../../input/identity.ts'
import {
  ensuredIdentity,
  identityChange,
  identityKey,
  identityList,
  newIdentity,
} from '../../input/identity.ts'
import { defined } from '../../lib/defined.ts'
import { mintId } from '../../lib/ids.ts'
import type { AuthMethod } from '../../model/auth-method.ts'
import type { Event, EventType } from '../../model/event.ts'
import type { Identity, IdentityId } from '../../model/identity.ts'
import type { RoleBinding, Subject } from '../../model/role-binding.ts'
import { inScope } from '../../model/scope.ts'
import { withoutSecrets } from '../policy-secrets.ts'
import { bind } from './bind.ts'
import type { CommandsOf, Desk } from './command.ts'
import { createKeeper, firstRevision } from './keeper.ts'
import { keepingAnAdmin } from './last-admin.ts'
import { buildAuthMethod, methodEvent } from './method-settings.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'
import { probeFirstMethod } from './probe-policy.ts'
import { replaceRoles } from './rebind.ts'
import { coveredAmong, onlyCovered } from './restricted.ts'
import { revokeTokens } from './revoke-tokens.ts'

/** An identity as it was made: with its role, and its first auth method where one was asked for. */
export interface CreatedIdentity {
  readonly identity: Identity
  readonly roleBinding: RoleBinding
  readonly authMethod?: AuthMethod
}

/** An identity that holds more than whoever lists it. */
export interface RestrictedIdentity {
  readonly id: IdentityId
  readonly name: string
  readonly restricted: true
}

/** Manages identities: the registered workloads. */
export interface Identities<
  New = NewIdentity,
  Ensured = EnsuredIdentity,
  Listed = Identity | RestrictedIdentity,
> {
  /** Makes an identity, its role (in its project, if it has one) and an auth method, all or nothing. */
  create(identity: New): Promise<CreatedIdentity>
  /** Answers the identity of this slug, and makes it where there is none; one that stands and may be read is left as it is. */
  ensure(identity: Ensured): Promise<Identity>
  /** Answers one, or throws `not_found`. */
  get(key: IdentityKey): Promise<Identity>
  /** Lists them. With a filter, those who hold more than the caller are left out; without, only named. */
  list(query: IdentityList): Promise<Page<Listed>>
  /** Changes one; with `revision` only if nothing else changed it meanwhile. Disabling it refuses its tokens at once. */
  update(change: IdentityChange): Promise<Identity>
  /** Deletes one with its auth methods, secrets and bindings; `conflict` while it has delete protection. */
  delete(key: IdentityKey): Promise<void>
  /** Ends every login of the identity so far, and its static tokens for good; it may log in again at once. */
  revokeTokens(key: IdentityKey): Promise<void>
}

const keeper = createKeeper('identity', (stores) => stores.identities)

const itself = ({ id }: { readonly id: string }): Subject => ({ kind: 'identity', id })

/** What managing identities takes and does. */
export const identityCommands: CommandsOf<Identities> = {
  create: {
    input: newIdentity,
    permission: 'identity:create',
    scopeOf: inScope,
    probe: probeFirstMethod,
    run: insert,
  },
  ensure: {
    input: ensuredIdentity,
    permission: 'identity:create',
    scopeOf: inScope,
    probe: async (desk, wanted) => {
      if ((await findBySlug(desk, wanted)) === undefined) await probeFirstMethod(desk, wanted)
    },
    run: ensure,
  },
  get: {
    input: identityKey,
    permission: 'identity:read',
    targetOf: itself,
    onOneself: true,
    run: ({ storage }, { organization, id }) => keeper.get(storage, [organization, id]),
  },
  list: { input: identityList, permission: 'identity:read', scopeOf: inScope, run: list },
  update: {
    input: identityChange,
    permission: 'identity:update',
    targetOf: itself,
    run: (desk, change) => keepingAnAdmin(desk, change.organization, () => update(desk, change)),
  },
  delete: {
    input: identityKey,
    permission: 'identity:delete',
    targetOf: itself,
    run: (desk, key) => keepingAnAdmin(desk, key.organization, () => remove(desk, key)),
  },
  revokeTokens: {
    input: identityKey,
    permission: 'credential:delete',
    targetOf: itself,
    onOneself: true,
    run: revokeTokens,
  },
}

async function findBySlug(
  { storage }: Desk,
  { organization, slug }: Pick<EnsuredIdentity, 'organization' | 'slug'>,
): Promise<Identity | undefined> {
  const query = { filter: { organization, slug }, order: 'id', limit: 1 } as const
  return (await storage.identities.page(query)).rows[0]
}

async function ensure(desk: Desk, wanted: EnsuredIdentity): Promise<Identity> {
  const { organization } = wanted
  const standing = await findBySlug(desk, wanted)
  if (standing === undefined) return (await insert(desk, wanted)).identity
  const subject = itself(standing)
  const isShown = await coveredAmong(desk, organization, [subject])
  const isReadable = desk.boundary.allows('identity:read', inScope(standing))
  if (isReadable && isShown(subject)) return standing
  throw conflict('An identity of this slug exists already')
}

async function insert(desk: Desk, wanted: NewIdentity): Promise<CreatedIdentity> {
  const { role = 'no-access', authMethod: settings, ...said } = wanted
  const { storage } = desk
  if ((await storage.organizations.find(said.organization)) === undefined)
    throw notFound('organization')
  if (said.project !== undefined) {
    if ((await storage.projects.find(said.organization, said.project)) === undefined)
      throw notFound('project')
  }
  const identity = build(desk, said)
  const inserted = await storage.identities.insert(identity, [
    eventOf(desk, 'identity.created', identity),
  ])
  if (!inserted) throw conflict('An identity of this slug exists already')
  const roleBinding = await bind(desk, { subject: itself(identity), scope: inScope(said), role })
  if (settings === undefined) return { identity, roleBinding }
  const authMethod = await buildAuthMethod(desk, identity, settings)
  await storage.authMethods.insert(authMethod, [
    methodEvent(desk, 'auth_method.attached', authMethod),
  ])
  return { identity, roleBinding, authMethod: withoutSecrets(desk, authMethod) }
}

function build(
  desk: Desk,
  { organization, name, ...settings }: Omit<NewIdentity, 'role' | 'authMethod'>,
): Identity {
  const now = desk.clock.now()
  return {
    id: mintId('idn', now, desk.runtime.random),
    organization,
    name,
    metadata: {},
    disabled: false,
    deleteProtection: false,
    createdBy: desk.actor,
    generation: 1,
    ...firstRevision(now),
    ...defined(settings),
  }
}

async function list(
  desk: Desk,
  { order, limit, offset, cursor, organization, project, ...said }: IdentityList,
): Promise<Page<Identity | RestrictedIdentity>> {
  const page = { order, limit, offset, cursor }
  const conditions = defined(said)
  const filter = { organization, ...defined({ project }), ...conditions }
  const all = desk.storage.identities
  // Whoever matches a condition would be told by it.
  const isConditional = Object.keys(conditions).length > 0
  const store = isConditional ? onlyCovered(desk, organization, all, itself) : all
  const { items, ...rest } = await pageOf('identities', store, page, filter)
  const isCovered = await coveredAmong(desk, organization, items.map(itself))
  const shown = items.map((identity) =>
    isCovered(itself(identity)) ? identity : restrict(identity),
  )
  return { items: shown, ...rest }
}

function restrict({ id, name }: Identity): RestrictedIdentity {
  return { id, name, restricted: true }
}

async function update(
  desk: Desk,
  { organization, id, revision, role, ...changes }: IdentityChange,
): Promise<Identity> {
  const revised = await keeper.update(desk, [organization, id], {
    revision,
    apply: () => defined(changes),
    event: () => updateEvent(desk, { organization, id }, changes),
  })
  // Rules may refer to what was changed: it is judged like the roles that it fills.
  const [holding] = await desk.storage.roleBindings.heldBy(organization, [itself(revised)])
  if (holding !== undefined) desk.boundary.assertGrants({ ...holding, identity: revised }, 'hidden')
  if (role !== undefined) await setRole(desk, revised, role)
  return revised
}

async function setRole(desk: Desk, identity: Identity, role: string): Promise<void> {
  const scope = inScope(identity)
  if (desk.boundary.isBounded)
    desk.boundary.permit(['binding:create', 'identity:assign'], scope, scope)
  await replaceRoles(desk, { ...scope, subject: { identity: identity.id }, roles: [{ role }] })
}

async function remove(desk: Desk, { organization, id }: IdentityKey): Promise<void> {
  const { deleteProtection } = await keeper.get(desk.storage, [organization, id])
  if (deleteProtection) throw conflict('The identity has delete protection')
  const event = eventOf(desk, 'identity.deleted', { organization, id })
  await keeper.remove(desk, [organization, id], event)
}

function eventOf({ note }: Desk, type: EventType, { organization, id }: IdentityKey): Event {
  return note({ type, organization, target: { kind: 'identity', id } })
}

/** Whether somebody may still log in is worth a word of its own. */
function updateEvent(
  { note }: Desk,
  { organization, id }: IdentityKey,
  { disabled }: Pick<IdentityChange, 'disabled'>,
): Event {
  const target = { kind: 'identity', id } as const
  const details = disabled === undefined ? {} : { details: { disabled } }
  return note({ type: 'identity.updated', organization, target, ...details })
}
