import { conflict, notFound } from '../../errors.ts'
import type {
  NewStaticToken,
  StaticTokenChange,
  StaticTokenKey,
  StaticTokenList,
  StaticTokenRevocation,
} from '../../input/static-token.ts'
import {
  newStaticToken,
  staticTokenChange,
  staticTokenKey,
  staticTokenList,
  staticTokenRevocation,
} from '../../input/static-token.ts'
import { defined } from '../../lib/defined.ts'
import { mintId } from '../../lib/ids.ts'
import { hideSecrets } from '../../lib/secret.ts'
import type { AuthMethod } from '../../model/auth-method.ts'
import type { Event, EventType } from '../../model/event.ts'
import type { Subject } from '../../model/role-binding.ts'
import type { StaticToken, StaticTokenRefusal } from '../../model/static-token.ts'
import {
  DEFAULT_STATIC_TOKEN_TTL,
  refuseStaticToken,
  STATIC_TOKEN_METHOD,
} from '../../model/static-token.ts'
import type { Stores } from '../../ports/storage.ts'
import { toMarkingKey } from '../marking-key.ts'
import type { CommandsOf, Desk } from './command.ts'
import { endOfLife, getMethodOf, listOf, mintCredential, toIdentity } from './credentials.ts'
import type { Page } from './page.ts'

/** A static token as lists show it: with the reason why it opens nothing any more, if that is so. */
export interface ListedStaticToken extends StaticToken {
  readonly ended?: StaticTokenRefusal
}

/** A static token at its birth, the only time that the token itself is there. */
export interface MintedStaticToken extends ListedStaticToken {
  /** Read it by name: it is not enumerable, so printing, copying or serialising this object never shows it. */
  readonly staticToken: string
}

/** Manages the static tokens of identities. */
export interface StaticTokens {
  /** Mints a token for an identity that has token auth, and hands it out this once. It lives 30 days if nothing is said. */
  create(token: NewStaticToken): Promise<MintedStaticToken>
  /** Answers what is known of one, or throws `not_found`. */
  get(key: StaticTokenKey): Promise<ListedStaticToken>
  /** Lists them, spent, expired and revoked ones too until they are swept. */
  list(query: StaticTokenList): Promise<Page<ListedStaticToken>>
  /** Gives one another name. */
  update(change: StaticTokenChange): Promise<ListedStaticToken>
  /** Takes one back, with every access token that it was exchanged for; again changes nothing. */
  revoke(revocation: StaticTokenRevocation): Promise<ListedStaticToken>
  /** Removes one from the list, with every access token that it was exchanged for. */
  delete(key: StaticTokenKey): Promise<void>
}

const OWN = {
  method: STATIC_TOKEN_METHOD,
  missing: 'identity must have token auth before it has static tokens',
}

/** What managing static tokens takes and does. */
export const staticTokenCommands: CommandsOf<StaticTokens> = {
  create: {
    input: newStaticToken,
    permission: 'credential:create',
    targetOf: toIdentity,
    run: create,
  },
  get: {
    input: staticTokenKey,
    permission: 'credential:read',
    targetOf: ownerOf,
    onOneself: true,
    run: get,
  },
  list: {
    input: staticTokenList,
    permission: 'credential:read',
    targetOf: toIdentity,
    onOneself: true,
    run: list,
  },
  update: {
    input: staticTokenChange,
    permission: 'credential:create',
    targetOf: ownerOf,
    run: rename,
  },
  revoke: {
    input: staticTokenRevocation,
    permission: 'credential:delete',
    targetOf: ownerOf,
    onOneself: true,
    run: revoke,
  },
  delete: {
    input: staticTokenKey,
    permission: 'credential:delete',
    targetOf: ownerOf,
    run: remove,
  },
}

async function ownerOf(
  { organization, id }: StaticTokenKey,
  { staticTokens }: Stores,
): Promise<Subject | undefined> {
  const token = await staticTokens.find(organization, id)
  return token && toIdentity(token)
}

async function create(desk: Desk, wanted: NewStaticToken): Promise<MintedStaticToken> {
  const authMethod = await getMethodOf(desk, wanted, OWN)
  const { credential: staticToken, digest } = mintCredential(desk, desk.staticTokenForm)
  const record = build(desk, wanted, authMethod)
  const event = eventOf(desk, 'static_token.created', record)
  if (!(await desk.storage.staticTokens.insert(record, digest, [event])))
    throw conflict('The auth method was detached meanwhile')
  return hideSecrets(record, { staticToken })
}

function build(
  desk: Desk,
  { name, maxUses, trustedSources, ...wanted }: NewStaticToken,
  { id, identity, organization }: AuthMethod,
): StaticToken {
  const createdAt = desk.clock.now()
  const expiresAt = endOfLife(lifeOf(wanted), createdAt)
  return {
    id: mintId('stk', createdAt, desk.runtime.random),
    organization,
    identity,
    authMethod: id,
    name,
    uses: 0,
    createdAt,
    ...defined({ expiresAt, maxUses, trustedSources }),
  }
}

function lifeOf({
  ttl,
  expiresAt,
  expires,
}: Pick<NewStaticToken, 'ttl' | 'expiresAt' | 'expires'>): Parameters<typeof endOfLife>[0] {
  const isSaid = ttl !== undefined || expiresAt !== undefined || expires === 'never'
  return isSaid ? { ttl, expiresAt } : { ttl: DEFAULT_STATIC_TOKEN_TTL }
}

async function find({ storage }: Desk, { organization, id }: StaticTokenKey): Promise<StaticToken> {
  const token = await storage.staticTokens.find(organization, id)
  if (token === undefined) throw notFound('static token')
  return token
}

async function get(desk: Desk, key: StaticTokenKey): Promise<ListedStaticToken> {
  return toListed(await find(desk, key), desk)
}

async function list(desk: Desk, query: StaticTokenList): Promise<Page<ListedStaticToken>> {
  const { items, ...rest } = await listOf('static tokens', desk, desk.storage.staticTokens, query)
  return { items: items.map((token) => toListed(token, desk)), ...rest }
}

async function rename(desk: Desk, { name, ...key }: StaticTokenChange): Promise<ListedStaticToken> {
  const event = eventOf(desk, 'static_token.updated', await find(desk, key))
  return toListed(await desk.storage.staticTokens.rename(key, name, [event]), desk)
}

async function revoke(
  desk: Desk,
  { reason = 'revoked', ...key }: StaticTokenRevocation,
): Promise<ListedStaticToken> {
  const event = eventOf(desk, 'static_token.revoked', await find(desk, key), reason)
  const revocation = { at: desk.clock.now(), reason, by: desk.actor }
  const revoked = await desk.storage.staticTokens.revoke(toMarkingKey(desk, key), revocation, [
    event,
  ])
  return toListed(revoked, desk)
}

async function remove(desk: Desk, key: StaticTokenKey): Promise<void> {
  const event = eventOf(desk, 'static_token.deleted', await find(desk, key))
  if (!(await desk.storage.staticTokens.remove(toMarkingKey(desk, key), [event])))
    throw notFound('static token')
}

function toListed(token: StaticToken | undefined, { clock }: Desk): ListedStaticToken {
  if (token === undefined) throw notFound('static token')
  return { ...token, ...defined({ ended: refuseStaticToken(token, clock.now()) }) }
}

function eventOf(
  { note }: Desk,
  type: EventType,
  { organization, id, identity }: StaticToken,
  reason?: string,
): Event {
  const target = { kind: 'static_token', id } as const
  return note({ type, organization, target, details: { identity }, ...defined({ reason }) })
}
