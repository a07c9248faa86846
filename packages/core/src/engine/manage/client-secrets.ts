import { conflict, notFound } from '../../errors.ts'
import type {
  ClientSecretDeletion,
  ClientSecretKey,
  ClientSecretList,
  ClientSecretRevocation,
  ClientSecretRotation,
  NewClientSecret,
} from '../../input/client-secret.ts'
import {
  clientSecretDeletion,
  clientSecretKey,
  clientSecretList,
  clientSecretRevocation,
  clientSecretRotation,
  newClientSecret,
} from '../../input/client-secret.ts'
import { defined } from '../../lib/defined.ts'
import { mintId } from '../../lib/ids.ts'
import { hideSecrets } from '../../lib/secret.ts'
import { hours, later, secondsUntil } from '../../lib/time.ts'
import type { AuthMethod } from '../../model/auth-method.ts'
import type { ClientSecret, ClientSecretRefusal } from '../../model/client-secret.ts'
import { isSafeToDelete, refuseClientSecret } from '../../model/client-secret.ts'
import type { Event, EventDraft, EventType } from '../../model/event.ts'
import type { Subject } from '../../model/role-binding.ts'
import type { Stores } from '../../ports/storage.ts'
import { toMarkingKey } from '../marking-key.ts'
import type { CommandsOf, Desk } from './command.ts'
import { endOfLife, getMethodOf, listOf, mintCredential, toIdentity } from './credentials.ts'
import type { Page } from './page.ts'

/** A client secret as lists show it: with the reason why it opens nothing any more, if that is so. */
export interface ListedClientSecret extends ClientSecret {
  readonly ended?: ClientSecretRefusal
  /**
   * Deleting it can lock nobody out: it opens nothing any more, or the secret that replaced it is in use and it was not
   * used since. The tokens that it opened live on only where the deletion says `keepTokens`.
   */
  readonly safeToDelete: boolean
}

/** A client secret at its birth, the only time that the secret itself is there. */
export interface MintedClientSecret extends ListedClientSecret {
  /** Read it by name: it is not enumerable, so printing, copying or serialising this object never shows it. */
  readonly clientSecret: string
}

/** Manages the client secrets of identities. */
export interface ClientSecrets {
  /** Mints a secret for an identity that has universal auth, and hands it out this once. */
  create(secret: NewClientSecret): Promise<MintedClientSecret>
  /**
   * Mints a secret in the place of another one. The new secret works at once, the old one until the overlap ends, and the
   * tokens of both live on. `conflict` where the old one was revoked or replaced already.
   */
  rotate(rotation: ClientSecretRotation): Promise<MintedClientSecret>
  /** Answers what is known of one, or throws `not_found`. */
  get(key: ClientSecretKey): Promise<ListedClientSecret>
  /** Lists them, spent, expired and revoked ones too until they are swept. */
  list(query: ClientSecretList): Promise<Page<ListedClientSecret>>
  /** Takes one back, with every token that it opened unless `keepTokens`; again changes nothing. */
  revoke(revocation: ClientSecretRevocation): Promise<ListedClientSecret>
  /** Removes one from the list, with every token that it opened unless `keepTokens`. */
  delete(deletion: ClientSecretDeletion): Promise<void>
}

const OWN = {
  method: 'universal',
  missing: 'identity must have universal auth before it has client secrets',
}

/** What managing client secrets takes and does. */
export const clientSecretCommands: CommandsOf<ClientSecrets> = {
  create: {
    input: newClientSecret,
    permission: 'credential:create',
    targetOf: toIdentity,
    run: create,
  },
  rotate: {
    input: clientSecretRotation,
    permission: 'credential:create',
    targetOf: ownerOf,
    onOneself: true,
    run: rotate,
  },
  get: {
    input: clientSecretKey,
    permission: 'credential:read',
    targetOf: ownerOf,
    onOneself: true,
    run: get,
  },
  list: {
    input: clientSecretList,
    permission: 'credential:read',
    targetOf: toIdentity,
    onOneself: true,
    run: list,
  },
  revoke: {
    input: clientSecretRevocation,
    permission: 'credential:delete',
    targetOf: ownerOf,
    onOneself: true,
    run: revoke,
  },
  delete: {
    input: clientSecretDeletion,
    permission: 'credential:delete',
    targetOf: ownerOf,
    run: remove,
  },
}

async function ownerOf(
  { organization, id }: ClientSecretKey,
  { clientSecrets }: Stores,
): Promise<Subject | undefined> {
  const secret = await clientSecrets.find(organization, id)
  return secret && toIdentity(secret)
}

async function create(desk: Desk, wanted: NewClientSecret): Promise<MintedClientSecret> {
  const authMethod = await getMethodOf(desk, wanted, OWN)
  const { credential: clientSecret, digest } = mintCredential(desk, desk.secretForm)
  const record = buildClientSecret(desk, wanted, authMethod)
  const event = secretEvent(desk, 'client_secret.created', record)
  if (!(await desk.storage.clientSecrets.insert(record, digest, [event])))
    throw conflict('The auth method was detached meanwhile')
  return hideSecrets({ ...record, safeToDelete: false }, { clientSecret })
}

function buildClientSecret(
  desk: Desk,
  { description = '', maxUses, ttl, expiresAt }: Omit<NewClientSecret, 'organization' | 'identity'>,
  { id, identity, organization }: Pick<AuthMethod, 'id' | 'identity' | 'organization'>,
): ClientSecret {
  const createdAt = desk.clock.now()
  return {
    id: mintId('csc', createdAt, desk.runtime.random),
    organization,
    identity,
    authMethod: id,
    description,
    uses: 0,
    createdAt,
    ...defined({ expiresAt: endOfLife({ ttl, expiresAt }, createdAt), maxUses }),
  }
}

const DEFAULT_OVERLAP = hours(24)

async function rotate(
  desk: Desk,
  { organization, id, overlap = DEFAULT_OVERLAP, ...said }: ClientSecretRotation,
): Promise<MintedClientSecret> {
  const { storage, clock } = desk
  const replaced = await find(desk, { organization, id })
  // On itself a workload has the limits that it was given.
  if (desk.boundary.isOneself(toIdentity(replaced)) && Object.keys(defined(said)).length > 0)
    desk.boundary.refuseOneself()
  const { credential: clientSecret, digest } = mintCredential(desk, desk.secretForm)
  const settings = { ...settingsOf(replaced, said), ...defined(said) }
  const owner = { organization, identity: replaced.identity, id: replaced.authMethod }
  const successor = { ...buildClientSecret(desk, settings, owner), replaces: replaced.id }
  const endsAt = later(clock.now(), overlap)
  const rotation = { organization, id, successor, digest, endsAt }
  const rotated = await storage.clientSecrets.rotate(rotation, [
    secretEvent(desk, 'client_secret.rotated', replaced, {
      details: { replacedBy: successor.id, overlap },
    }),
    secretEvent(desk, 'client_secret.created', successor, { details: { replaces: replaced.id } }),
  ])
  if (!rotated) throw conflict('The client secret was revoked or replaced already')
  return hideSecrets({ ...successor, safeToDelete: false }, { clientSecret })
}

/** What a secret was made with: a new one lives as long as the old one was meant to. */
function settingsOf(
  { description, maxUses, createdAt, expiresAt }: ClientSecret,
  { ttl, expiresAt: end }: Pick<ClientSecretRotation, 'ttl' | 'expiresAt'>,
): Omit<NewClientSecret, 'organization' | 'identity'> {
  if (expiresAt === undefined || ttl !== undefined || end !== undefined)
    return { description, maxUses }
  return { description, maxUses, ttl: secondsUntil(createdAt, expiresAt) }
}

async function find(
  { storage }: Desk,
  { organization, id }: ClientSecretKey,
): Promise<ClientSecret> {
  const secret = await storage.clientSecrets.find(organization, id)
  if (secret === undefined) throw notFound('client secret')
  return secret
}

async function get(desk: Desk, key: ClientSecretKey): Promise<ListedClientSecret> {
  return toListed(await find(desk, key), desk)
}

async function list(desk: Desk, query: ClientSecretList): Promise<Page<ListedClientSecret>> {
  const store = desk.storage.clientSecrets
  const { items, ...rest } = await listOf('client secrets', desk, store, query)
  return { items: await Promise.all(items.map((secret) => toListed(secret, desk))), ...rest }
}

async function revoke(
  desk: Desk,
  { reason = 'revoked', keepTokens, ...key }: ClientSecretRevocation,
): Promise<ListedClientSecret> {
  const event = secretEvent(desk, 'client_secret.revoked', await find(desk, key), { reason })
  const revocation = { at: desk.clock.now(), reason, by: desk.actor }
  const named = keepTokens === true ? key : toMarkingKey(desk, key)
  return toListed(await desk.storage.clientSecrets.revoke(named, revocation, [event]), desk)
}

async function remove(desk: Desk, { keepTokens, ...key }: ClientSecretDeletion): Promise<void> {
  const event = secretEvent(desk, 'client_secret.deleted', await find(desk, key))
  const named = keepTokens === true ? key : toMarkingKey(desk, key)
  if (!(await desk.storage.clientSecrets.remove(named, [event]))) throw notFound('client secret')
}

async function toListed(
  secret: ClientSecret | undefined,
  { clock, storage }: Pick<Desk, 'clock' | 'storage'>,
): Promise<ListedClientSecret> {
  if (secret === undefined) throw notFound('client secret')
  const now = clock.now()
  const ended = refuseClientSecret(secret, now)
  const { organization, replacedBy } = secret
  const asksSuccessor = ended === undefined && replacedBy !== undefined
  const successor = asksSuccessor
    ? await storage.clientSecrets.find(organization, replacedBy)
    : undefined
  const safeToDelete = isSafeToDelete(secret, successor, now)
  return { ...secret, ...defined({ ended }), safeToDelete }
}

function secretEvent(
  { note }: Pick<Desk, 'note'>,
  type: EventType,
  { organization, id, identity }: ClientSecret,
  { details, ...about }: Pick<EventDraft, 'reason' | 'details'> = {},
): Event {
  const target = { kind: 'client_secret', id } as const
  return note({ type, organization, target, ...about, details: { identity, ...details } })
}
