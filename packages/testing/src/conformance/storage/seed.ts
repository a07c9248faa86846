import assert from 'node:assert/strict'
import type {
  AuthMethod,
  ClientSecret,
  Digest,
  Identity,
  LockoutClass,
  LockoutKey,
  LockoutKeys,
  LoginGrant,
  LoginQuery,
  Organization,
  Project,
  RevocationMark,
  Role,
  RoleBinding,
  StandingQuery,
  StaticToken,
  Struck,
} from '@countersign/core/plugin'
import { DEFAULT_LOCKOUT } from '@countersign/core/plugin'
import type { Given } from './records.ts'
import { at } from './records.ts'
import type { World } from './world.ts'

/** Somebody who may log in. */
export interface Workload {
  readonly organization: string
  readonly identity: Identity
  readonly authMethod: AuthMethod
}

/** What differs from the usual workload. */
export interface WorkloadParts {
  readonly organization?: string
  readonly identity?: Partial<Identity>
  readonly authMethod?: Partial<AuthMethod>
}

/** A client secret that is stored, and what it is found by. */
export interface StoredSecret {
  readonly secret: ClientSecret
  readonly digest: Digest
}

/** Stores an organization. */
export async function seedOrganization(
  { storage, records }: World,
  given: Partial<Organization> = {},
): Promise<Organization> {
  const organization = records.organization(given)
  assert.equal(await storage.organizations.insert(organization, []), true)
  return organization
}

/** Stores a project, in an organization of its own unless one is named. */
export async function seedProject(world: World, given: Partial<Project> = {}): Promise<Project> {
  const organization = given.organization ?? (await seedOrganization(world)).id
  const project = world.records.project({ ...given, organization })
  assert.equal(await world.storage.projects.insert(project, []), true)
  return project
}

/** Stores a role, in an organization of its own unless one is named. */
export async function seedRole(world: World, given: Partial<Role> = {}): Promise<Role> {
  const organization = given.organization ?? (await seedOrganization(world)).id
  const role = world.records.role({ ...given, organization })
  assert.equal(await world.storage.roles.insert(role, []), true)
  return role
}

/** Stores a binding, of a built-in role unless another one or rules are named. */
export async function seedBinding(
  { storage, records }: World,
  given: Given<RoleBinding, 'organization' | 'subject'>,
): Promise<RoleBinding> {
  const binding = records.binding(given)
  assert.equal(await storage.roleBindings.insert(binding, []), true)
  return binding
}

/** Where something may be bound, beside what is another scope. */
export interface Scopes {
  readonly organization: string
  readonly project: string
  /** Another project of the same organization. */
  readonly other: string
  /** Another organization, which has a project of the same id. */
  readonly foreign: string
}

/** Stores two organizations and their projects. */
export async function seedScopes(world: World): Promise<Scopes> {
  const { organization, id: project } = await seedProject(world)
  const { id: other } = await seedProject(world, { organization })
  const { organization: foreign } = await seedProject(world, { id: project })
  return { organization, project, other, foreign }
}

/** Stores an identity, in an organization of its own unless one is named. */
export async function seedIdentity(world: World, given: Partial<Identity> = {}): Promise<Identity> {
  const organization = given.organization ?? (await seedOrganization(world)).id
  const identity = world.records.identity({ ...given, organization })
  assert.equal(await world.storage.identities.insert(identity, []), true)
  return identity
}

/** Stores an identity that has one auth method. */
export async function seedWorkload(world: World, parts: WorkloadParts = {}): Promise<Workload> {
  const identity = await seedIdentity(world, {
    ...(parts.organization !== undefined && { organization: parts.organization }),
    ...parts.identity,
  })
  const authMethod = world.records.authMethod({
    ...parts.authMethod,
    organization: identity.organization,
    identity: identity.id,
  })
  assert.equal(await world.storage.authMethods.insert(authMethod, []), true)
  return { organization: identity.organization, identity, authMethod }
}

/** Stores a client secret of a workload, its digest made with a root key. */
export async function seedSecret(
  { storage, records }: World,
  { organization, identity, authMethod }: Workload,
  given: Partial<ClientSecret> = {},
  rootKey = 'newest',
): Promise<StoredSecret> {
  const owner = { organization, identity: identity.id, authMethod: authMethod.id }
  const secret = records.secret({ ...given, ...owner })
  const digest = { rootKey, value: `digest of ${secret.id}` }
  assert.equal(await storage.clientSecrets.insert(secret, digest, []), true)
  return { secret, digest }
}

/** A static token that is stored, and what it is found by. */
export interface StoredStaticToken {
  readonly token: StaticToken
  readonly digest: Digest
}

/** Stores a static token of a workload, its digest made with a root key. */
export async function seedStaticToken(
  { storage, records }: World,
  { organization, identity, authMethod }: Workload,
  given: Partial<StaticToken> = {},
  rootKey = 'newest',
): Promise<StoredStaticToken> {
  const owner = { organization, identity: identity.id, authMethod: authMethod.id }
  const token = records.staticToken({ ...given, ...owner })
  const digest = { rootKey, value: `digest of ${token.id}` }
  assert.equal(await storage.staticTokens.insert(token, digest, []), true)
  return { token, digest }
}

/** Opens a login whose uses are counted, and answers its session. */
export async function seedCounted(world: World, workload: Workload): Promise<string> {
  const session = world.records.id('sid')
  const grant = grantOf(workload, { counted: { session, until: at(3600) } })
  assert.equal(await world.storage.logins.grant(grant, at(0), []), undefined)
  return session
}

/** Makes a source known. */
export async function seedKnown(world: World, workload: Workload, source: string): Promise<void> {
  const remember = { method: workload.authMethod.method, source, until: at(86_400) }
  const refusal = await world.storage.logins.grant(grantOf(workload, { remember }), at(0), [])
  assert.equal(refusal, undefined)
}

/** Strikes once, as an attempt with a wrong credential does. */
export function strikeOnce({ storage }: World, key: LockoutKeys, now: Date): Promise<Struck> {
  return storage.logins.strike(key, DEFAULT_LOCKOUT, now, { refused: [], locked: [] })
}

/** Strikes until a lock stands. */
export async function seedLock(world: World, key: LockoutKey, now: Date = at(0)): Promise<void> {
  for (let count = 0; count < DEFAULT_LOCKOUT.threshold; count += 1)
    await strikeOnce(world, key, now)
}

/** Strikes at the total from one source after the other, so that none of them is locked. */
export async function seedTotal(world: World, key: LockoutKeys, failures: number): Promise<void> {
  for (let index = 0; index < failures; index += 1)
    await strikeOnce(world, { ...key, class: `source:192.0.2.${index}` }, at(0))
}

/** The grant of a login without any charges. */
export function grantOf(workload: Workload, given: Partial<LoginGrant> = {}): LoginGrant {
  const { organization, identity, authMethod } = workload
  return {
    organization,
    identity: identity.id,
    generation: identity.generation,
    authMethod: authMethod.id,
    charges: [],
    ...given,
  }
}

/** What a login asks, from a network that nobody knows. */
export function loginQueryOf(workload: Workload, given: Partial<LoginQuery> = {}): LoginQuery {
  const { identity, authMethod } = workload
  return {
    identity: identity.id,
    method: authMethod.method,
    source: '192.0.2.1',
    digests: [],
    ...given,
  }
}

/** Names a login of a workload. */
export function standingQueryOf(workload: Workload, session: string): StandingQuery {
  const { organization, identity, authMethod } = workload
  return { organization, identity: identity.id, authMethod: authMethod.id, session }
}

/** Names one counter of a workload. */
export function lockoutKeyOf(workload: Workload, name: LockoutClass = 'strangers'): LockoutKey {
  const { organization, identity, authMethod } = workload
  return { organization, identity: identity.id, method: authMethod.method, class: name }
}

/** Names the counters of an attempt at a credential that can be guessed. */
export function guessedKeyOf(workload: Workload): LockoutKeys {
  return { ...lockoutKeyOf(workload), total: 'total' }
}

/** A mark that ends something for an hour. */
export function markOf({ organization }: Workload, id: string): RevocationMark {
  return { organization, id, until: at(3600) }
}
