import type {
  Event,
  EventType,
  Identity,
  IdentityId,
  Revocation,
  Rule,
  Stores,
} from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { does } from '../db.ts'
import { endCredential } from '../statements/restore.ts'

/** Where the takings of a file are done again. */
export interface RestoredStores extends Stores {
  readonly db: Db
  readonly now: Date
}

/** Tells whether an event took something away that a backup may still hold. */
export function isRetaken({ type }: Event): boolean {
  return retakings[type] !== undefined
}

/**
 * Takes away again what an event took away; answers whether there was anything left to take.
 *
 * No record with an id that a host's own tables may name is deleted: its identities are disabled instead, so that a row of
 * the host's does not hinder it, and a file of the wrong deployment destroys nothing.
 */
export async function retake(stores: RestoredStores, event: Event): Promise<boolean> {
  return (await retakings[event.type]?.(stores, event)) ?? false
}

type Retaking = (stores: RestoredStores, event: Event) => Promise<boolean>

const retakings: { readonly [Type in EventType]?: Retaking } = {
  'organization.deleted': disableAll,
  'project.deleted': disableAll,
  'identity.deleted': disable,
  'identity.updated': disable,
  'auth_method.detached': detach,
  'client_secret.rotated': endOverlap,
  'client_secret.revoked': revokeCredential('clientSecrets'),
  'client_secret.deleted': revokeCredential('clientSecrets'),
  'static_token.revoked': revokeStaticTokens,
  'static_token.deleted': revokeCredential('staticTokens'),
  'role_binding.deleted': unbind,
  'role.deleted': removeRole,
  'signing_key.revoked': ({ keys }, { target }) => keys.remove(target.id, []),
  'root_key.retired': retireRootKey,
}

function revokeCredential(kind: 'clientSecrets' | 'staticTokens'): Retaking {
  return async (stores, { organization = '', target, ...event }) => {
    const standing = await stores[kind].find(organization, target.id)
    if (standing === undefined || standing.revoked !== undefined) return false
    await stores[kind].revoke({ organization, id: target.id }, revocationOf(event), [])
    return true
  }
}

/** All of an identity's tokens, or one: what the event is about says which. */
async function revokeStaticTokens(stores: RestoredStores, event: Event): Promise<boolean> {
  const { organization = '', target } = event
  if (target.kind !== 'identity') return revokeCredential('staticTokens')(stores, event)
  const filter = { organization, identity: target.id as IdentityId }
  return (await stores.staticTokens.revokeAll(filter, revocationOf(event), [])) > 0
}

async function endOverlap({ db }: RestoredStores, event: Event): Promise<boolean> {
  const { organization, target, at, details } = event
  const overlap = Number(details?.['overlap'] ?? 0)
  return does(db, endCredential, [organization, target.id, at.getTime() + overlap * 1000])
}

async function retireRootKey({ rootKeys, now }: RestoredStores, event: Event): Promise<boolean> {
  // No token is left that a mark would have to outlive.
  const retirement = { rootKey: event.target.id, revocation: revocationOf(event), until: now }
  return (await rootKeys.retire(retirement, [])) > 0
}

async function detach({ authMethods }: RestoredStores, event: Event): Promise<boolean> {
  const { organization = '', target, details } = event
  const key = [organization, `${details?.['identity']}`, `${details?.['method']}`] as const
  const standing = await authMethods.find(...key)
  return standing?.id === target.id && authMethods.remove(key, [])
}

/** Whoever was denied something stays so: what replaced that rule is not in the backup. */
async function unbind(stores: RestoredStores, { organization = '', target }: Event) {
  const { roleBindings, roles } = stores
  const binding = await roleBindings.find(organization, target.id)
  if (binding === undefined || denies(binding.rules)) return false
  const role = await roles.find(organization, binding.role ?? '')
  return !denies(role?.rules) && roleBindings.remove([organization, target.id], [])
}

async function removeRole({ roles }: RestoredStores, { organization = '', target }: Event) {
  const role = await roles.find(organization, target.id)
  return !denies(role?.rules) && roles.remove([organization, target.id], [])
}

function denies(rules: readonly Rule[] = []): boolean {
  return rules.some(({ deny }) => deny !== undefined)
}

async function disable(stores: RestoredStores, { organization = '', target }: Event) {
  const identity = await stores.identities.find(organization, target.id)
  return identity !== undefined && disableOne(stores, identity)
}

/** A host may have given the id to another organization or project since. */
async function disableAll(stores: RestoredStores, { organization = '', target, at }: Event) {
  const { organizations, projects, identities } = stores
  const isProject = target.kind === 'project'
  const standing = isProject
    ? await projects.find(organization, target.id)
    : await organizations.find(target.id)
  if (standing === undefined || standing.createdAt > at) return false
  const filter = isProject ? { organization, project: target.id } : { organization: target.id }
  let any = false
  let after: { readonly value: string; readonly id: string } | undefined
  do {
    const query = {
      filter,
      order: 'id',
      limit: 100,
      ...(after !== undefined && { after }),
    } as const
    const { rows, next } = await identities.page(query)
    for (const identity of rows) any = (await disableOne(stores, identity)) || any
    after = next
  } while (after !== undefined)
  return any
}

async function disableOne({ identities, now }: RestoredStores, identity: Identity) {
  if (identity.disabled) return false
  const { generation, revision } = identity
  const revised = { generation: generation + 1, revision: revision + 1, updatedAt: now }
  return identities.replace({ ...identity, disabled: true, ...revised }, [])
}

function revocationOf({ at, reason, actor }: Pick<Event, 'at' | 'reason' | 'actor'>): Revocation {
  return { at, reason: reason ?? 'deleted', by: actor }
}
