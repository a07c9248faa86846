import { conflict, invalidRequest, notFound } from '../errors.ts'
import type {
  EnsuredIdentity,
  IdentityChange,
  IdentityKey,
  IdentityList,
  NewIdentity,
} from '../input/identity.ts'
import {
  ensuredIdentity,
  identityChange,
  identityKey,
  identityList,
  newIdentity,
} from '../input/identity.ts'
import { mintId } from '../lib/ids.ts'
import type { AuthMethod } from '../model/auth-method.ts'
import type { Event, EventType } from '../model/event.ts'
import type { Identity } from '../model/identity.ts'
import type { RoleBinding } from '../model/role-binding.ts'
import { isBuiltInRole } from '../model/role-binding.ts'
import type { Stores } from '../ports/storage.ts'
import type { CommandsOf, Desk } from './command.ts'
import { inOrganization } from './command.ts'
import { createKeeper, defined, firstRevision } from './keeper.ts'
import { buildAuthMethod, methodEvent } from './method-settings.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'

/** An identity as it was made: with its role in the organization, and its first auth method where one was asked for. */
export interface CreatedIdentity {
  readonly identity: Identity
  readonly roleBinding: RoleBinding
  readonly authMethod?: AuthMethod
}

/** Manages identities: the registered workloads. */
export interface Identities<New = NewIdentity, Ensured = EnsuredIdentity> {
  /** Makes an identity, its role in the organization and an auth method, all or nothing. */
  create(identity: New): Promise<CreatedIdentity>
  /** Answers the identity of this slug, and makes it where there is none; one that stands is left as it is. */
  ensure(identity: Ensured): Promise<Identity>
  /** Answers one, or throws `not_found`. */
  get(key: IdentityKey): Promise<Identity>
  list(query: IdentityList): Promise<Page<Identity>>
  /** Changes one; with `revision` only if nothing else changed it meanwhile. Disabling it refuses its tokens at once. */
  update(change: IdentityChange): Promise<Identity>
  /** Deletes one with its auth methods, secrets and bindings; `conflict` while it has delete protection. */
  delete(key: IdentityKey): Promise<void>
  /** Ends every login of the identity so far, and its static tokens for good; it may log in again at once. */
  revokeTokens(key: IdentityKey): Promise<void>
}

const keeper = createKeeper('identity', (stores) => stores.identities)

/** What managing identities takes and does. */
export const identityCommands: CommandsOf<Identities> = {
  create: {
    input: newIdentity,
    permission: 'identity:create',
    scopeOf: inOrganization,
    run: (desk, wanted) => desk.storage.transaction((stores) => insert(desk, stores, wanted)),
  },
  ensure: {
    input: ensuredIdentity,
    permission: 'identity:create',
    scopeOf: inOrganization,
    run: ensure,
  },
  get: {
    input: identityKey,
    permission: 'identity:read',
    scopeOf: inOrganization,
    run: ({ storage }, { organization, id }) => keeper.get(storage, [organization, id]),
  },
  list: {
    input: identityList,
    permission: 'identity:read',
    scopeOf: inOrganization,
    run: ({ storage }, { order, limit, offset, cursor, organization, ...filter }) => {
      const page = { order, limit, offset, cursor }
      return pageOf('identities', storage.identities, page, { organization, ...defined(filter) })
    },
  },
  update: {
    input: identityChange,
    permission: 'identity:update',
    scopeOf: inOrganization,
    run: (desk, { organization, id, revision, ...changes }) => {
      const event = (): Event => eventOf(desk, 'identity.updated', { organization, id })
      return keeper.update(desk, [organization, id], {
        revision,
        apply: () => defined(changes),
        event,
      })
    },
  },
  delete: {
    input: identityKey,
    permission: 'identity:delete',
    scopeOf: inOrganization,
    run: remove,
  },
  revokeTokens: {
    input: identityKey,
    permission: 'credential:delete',
    scopeOf: inOrganization,
    run: revokeTokens,
  },
}

async function ensure(desk: Desk, wanted: EnsuredIdentity): Promise<Identity> {
  const { organization, slug } = wanted
  const query = { filter: { organization, slug }, order: 'id', limit: 1 } as const
  return desk.storage.transaction(async (stores) => {
    const [standing] = (await stores.identities.page(query)).rows
    return standing ?? (await insert(desk, stores, wanted)).identity
  })
}

async function insert(desk: Desk, stores: Stores, wanted: NewIdentity): Promise<CreatedIdentity> {
  const { role = 'no-access', authMethod: settings, ...said } = wanted
  if (!isBuiltInRole(role)) throw invalidRequest('role must be one that exists in the organization')
  if ((await stores.organizations.find(said.organization)) === undefined)
    throw notFound('organization')
  const identity = build(desk, said)
  const inserted = await stores.identities.insert(identity, [
    eventOf(desk, 'identity.created', identity),
  ])
  if (!inserted) throw conflict('An identity of this slug exists already')
  const roleBinding = await bind(desk, stores, identity, role)
  if (settings === undefined) return { identity, roleBinding }
  const authMethod = buildAuthMethod(desk, identity, settings)
  await stores.authMethods.insert(authMethod, [
    methodEvent(desk, 'auth_method.attached', authMethod),
  ])
  return { identity, roleBinding, authMethod }
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

async function bind(
  desk: Desk,
  stores: Stores,
  identity: Identity,
  role: string,
): Promise<RoleBinding> {
  const { id, organization } = identity
  const createdAt = desk.clock.now()
  const binding: RoleBinding = {
    id: mintId('bnd', createdAt, desk.runtime.random),
    organization,
    subject: { kind: 'identity', id },
    role,
    createdBy: desk.actor,
    createdAt,
  }
  const target = { kind: 'role_binding', id: binding.id } as const
  const event = desk.note({
    type: 'role_binding.created',
    organization,
    target,
    details: { identity: id, role },
  })
  await stores.roleBindings.insert(binding, [event])
  return binding
}

async function revokeTokens(desk: Desk, { organization, id }: IdentityKey): Promise<void> {
  const reason = 'tokens_revoked'
  const revocation = { at: desk.clock.now(), reason, by: desk.actor }
  await keeper.update(desk, [organization, id], {
    apply: ({ generation }) => ({ generation: generation + 1 }),
    event: () => eventOf(desk, 'token.revoked', { organization, id }),
    async tidy({ staticTokens }, { id: identity }) {
      const target = { kind: 'identity', id: identity } as const
      const event = desk.note({ type: 'static_token.revoked', organization, target, reason })
      await staticTokens.revokeAll({ organization, identity }, revocation, [event])
    },
  })
}

async function remove(desk: Desk, { organization, id }: IdentityKey): Promise<void> {
  const event = eventOf(desk, 'identity.deleted', { organization, id })
  await keeper.remove(desk, [organization, id], event, ({ deleteProtection }) => {
    if (deleteProtection) throw conflict('The identity has delete protection')
  })
}

function eventOf({ note }: Desk, type: EventType, { organization, id }: IdentityKey): Event {
  return note({ type, organization, target: { kind: 'identity', id } })
}
