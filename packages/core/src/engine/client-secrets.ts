import { conflict, invalidRequest, notFound } from '../errors.ts'
import type {
  ClientSecretDeletion,
  ClientSecretKey,
  ClientSecretList,
  ClientSecretRevocation,
  NewClientSecret,
} from '../input/client-secret.ts'
import {
  clientSecretDeletion,
  clientSecretKey,
  clientSecretList,
  clientSecretRevocation,
  newClientSecret,
} from '../input/client-secret.ts'
import { mintId } from '../lib/ids.ts'
import { hideSecrets, mintSecret } from '../lib/secret.ts'
import { later } from '../lib/time.ts'
import type { AuthMethod } from '../model/auth-method.ts'
import type { ClientSecret, ClientSecretRefusal } from '../model/client-secret.ts'
import { refuseClientSecret } from '../model/client-secret.ts'
import type { Event, EventType } from '../model/event.ts'
import type { SecretKey } from '../ports/secret-store.ts'
import { digestsOf } from './attempt.ts'
import type { CommandsOf, Desk } from './command.ts'
import { inOrganization } from './command.ts'
import { defined } from './keeper.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'

/** A client secret as lists show it: with the reason why it opens nothing any more, if that is so. */
export interface ListedClientSecret extends ClientSecret {
  readonly ended?: ClientSecretRefusal
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
  /** Answers what is known of one, or throws `not_found`. */
  get(key: ClientSecretKey): Promise<ListedClientSecret>
  /** Lists them, spent, expired and revoked ones too until they are swept. */
  list(query: ClientSecretList): Promise<Page<ListedClientSecret>>
  /** Takes one back, with every token that it opened unless `keepTokens`; again changes nothing. */
  revoke(revocation: ClientSecretRevocation): Promise<ListedClientSecret>
  /** Removes one from the list, with every token that it opened unless `keepTokens`. */
  delete(deletion: ClientSecretDeletion): Promise<void>
}

/** The auth method that client secrets belong to. */
const METHOD = 'universal'

/** What managing client secrets takes and does. */
export const clientSecretCommands: CommandsOf<ClientSecrets> = {
  create: {
    input: newClientSecret,
    permission: 'credential:create',
    scopeOf: inOrganization,
    run: create,
  },
  get: { input: clientSecretKey, permission: 'credential:read', scopeOf: inOrganization, run: get },
  list: {
    input: clientSecretList,
    permission: 'credential:read',
    scopeOf: inOrganization,
    run: list,
  },
  revoke: {
    input: clientSecretRevocation,
    permission: 'credential:delete',
    scopeOf: inOrganization,
    run: revoke,
  },
  delete: {
    input: clientSecretDeletion,
    permission: 'credential:delete',
    scopeOf: inOrganization,
    run: remove,
  },
}

async function create(desk: Desk, wanted: NewClientSecret): Promise<MintedClientSecret> {
  const authMethod = await findMethod(desk, wanted)
  const clientSecret = mintSecret(desk.secretForm, desk.runtime.random)
  const [digest] = digestsOf(desk.rootKeys, clientSecret)
  const record = build(desk, wanted, authMethod)
  const event = eventOf(desk, 'client_secret.created', record)
  if (digest === undefined || !(await desk.storage.clientSecrets.insert(record, digest, [event])))
    throw conflict('The auth method was detached meanwhile')
  return hideSecrets(record, { clientSecret })
}

async function findMethod(
  { storage }: Desk,
  { organization, identity }: NewClientSecret,
): Promise<AuthMethod> {
  if ((await storage.identities.find(organization, identity)) === undefined)
    throw notFound('identity')
  const authMethod = await storage.authMethods.find(organization, identity, METHOD)
  if (authMethod === undefined)
    throw invalidRequest('identity must have universal auth before it has client secrets')
  return authMethod
}

function build(
  desk: Desk,
  wanted: NewClientSecret,
  { id, identity, organization }: AuthMethod,
): ClientSecret {
  const createdAt = desk.clock.now()
  const { ttl, description = '', maxUses } = wanted
  const expiresAt = ttl === undefined ? wanted.expiresAt : later(createdAt, ttl)
  if (expiresAt !== undefined && expiresAt <= createdAt)
    throw invalidRequest('expiresAt must lie in the future')
  return {
    id: mintId('csc', createdAt, desk.runtime.random),
    organization,
    identity,
    authMethod: id,
    description,
    uses: 0,
    createdAt,
    ...defined({ expiresAt, maxUses }),
  }
}

async function get(desk: Desk, { organization, id }: ClientSecretKey): Promise<ListedClientSecret> {
  const secret = await desk.storage.clientSecrets.find(organization, id)
  if (secret === undefined) throw notFound('client secret')
  return toListed(secret, desk)
}

async function list(desk: Desk, query: ClientSecretList): Promise<Page<ListedClientSecret>> {
  const { organization, identity: id, ...page } = query
  const identity = await desk.storage.identities.find(organization, id)
  if (identity === undefined) throw notFound('identity')
  const filter = { organization, identity: identity.id }
  const { items, ...rest } = await pageOf(
    'client secrets',
    desk.storage.clientSecrets,
    page,
    filter,
  )
  return { items: items.map((secret) => toListed(secret, desk)), ...rest }
}

async function revoke(desk: Desk, revocation: ClientSecretRevocation): Promise<ListedClientSecret> {
  const { organization, id, reason = 'revoked', keepTokens } = revocation
  const event = eventOf(desk, 'client_secret.revoked', { organization, id }, reason)
  const noted = { at: desk.clock.now(), reason, by: desk.actor }
  const revoked = await desk.storage.clientSecrets.revoke(
    toKey(desk, { organization, id, keepTokens }),
    noted,
    [event],
  )
  if (revoked === undefined) throw notFound('client secret')
  return toListed(revoked, desk)
}

async function remove(desk: Desk, deletion: ClientSecretDeletion): Promise<void> {
  const event = eventOf(desk, 'client_secret.deleted', deletion)
  const removed = await desk.storage.clientSecrets.remove(toKey(desk, deletion), [event])
  if (!removed) throw notFound('client secret')
}

function toKey(
  { clock, maxTokenAge }: Desk,
  { organization, id, keepTokens }: ClientSecretDeletion,
): SecretKey {
  if (keepTokens === true) return { organization, id }
  return { organization, id, mark: { organization, id, until: later(clock.now(), maxTokenAge) } }
}

function toListed(secret: ClientSecret, { clock }: Desk): ListedClientSecret {
  const ended = refuseClientSecret(secret, clock.now())
  return { ...secret, ...(ended !== undefined && { ended }) }
}

function eventOf(
  { note }: Desk,
  type: EventType,
  { organization, id }: ClientSecretKey,
  reason?: string,
): Event {
  const target = { kind: 'client_secret', id } as const
  return note({ type, organization, target, ...(reason !== undefined && { reason }) })
}
