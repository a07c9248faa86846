import { hash, randomBytes, randomUUID } from 'node:crypto'
import bcrypt from 'bcrypt'
import jwt from 'jsonwebtoken'
import type { Knex } from 'knex'
import knex from 'knex'
import type { PeerAccount, PeerLogin } from './guarded-login.ts'

/** How the model compares secrets: the reference system's bcrypt, or nothing slower than a hash. */
export type Comparison = 'bcrypt' | 'sha256'

/** The model, ready to log somebody in. */
export interface ReferenceModel {
  readonly logIn: (comparison: Comparison) => PeerLogin
  readonly accounts: readonly PeerAccount[]
  readonly close: () => Promise<void>
}

/**
 * The reference system's login as a sequence of its operations, written for this comparison: its five reads, the
 * comparison with every candidate, its transaction of four statements, and a token signed with a string.
 */
export async function createReferenceLogin(
  url: string,
  { count, cost, width }: { readonly count: number; readonly cost: number; readonly width: number },
): Promise<ReferenceModel> {
  const db = knex({ client: 'pg', connection: url, pool: { min: 0, max: width } })
  await db.raw(SCHEMA)
  const accounts = Array.from({ length: count }, (_, place) => ({
    identity: `reference-${place}`,
    clientSecret: randomBytes(32).toString('hex'),
  }))
  for (const account of accounts) await seed(db, account, cost)
  return {
    close: () => db.destroy(),
    logIn: (comparison) => (account) => logIn(db, comparison, account),
    accounts,
  }
}

async function logIn(
  db: Knex,
  comparison: Comparison,
  { identity: clientId, clientSecret }: PeerAccount,
): Promise<string> {
  const method = await db('reference.universal_auths').where({ clientId }).first()
  const identity = await db('reference.identities').where({ id: method.identityId }).first()
  await db('reference.organizations').where({ id: identity.orgId }).first()
  if (!method.trustedIps.includes('0.0.0.0/0')) throw new Error('The address is not trusted')
  const lockout = await db('reference.lockouts').where({ key: clientId }).first()
  if (lockout?.locked) throw new Error('Locked')
  const prefix = clientSecret.slice(0, 4)
  const candidates = await db('reference.secrets')
    .where({ universalAuthId: method.id, prefix, revoked: false })
    .select('*')
  const secret = await findMatch(candidates, comparison, clientSecret)
  if (secret === undefined || Number(secret.uses) >= Number(secret.maxUses)) throw new Error('No')
  const token = await db.transaction(async (tx) => {
    await tx('reference.secrets')
      .where({ id: secret.id })
      .update({ lastUsedAt: tx.fn.now() })
      .increment('uses', 1)
    await tx('reference.memberships')
      .where({ identityId: identity.id })
      .update({ lastLoginAuthMethod: 'universal-auth', lastLoginTime: tx.fn.now() })
    const [row] = await tx('reference.access_tokens')
      .insert({
        id: randomUUID(),
        identityId: identity.id,
        secretId: secret.id,
        uses: 0,
        ttl: 7200,
      })
      .returning('*')
    await tx('reference.audit_logs').insert({
      event: JSON.stringify({ type: 'login-identity-universal-auth', identityId: identity.id }),
    })
    return row
  })
  const claims = {
    identityId: identity.id,
    clientSecretId: secret.id,
    identityAccessTokenId: token.id,
    authTokenType: 'identityAccessToken',
  }
  return jwt.sign(claims, 'the string that signs everything', { expiresIn: 7200 })
}

interface Candidate {
  readonly id: string
  readonly bcrypt: string
  readonly sha256: string
  readonly uses: string
  readonly maxUses: string
}

async function findMatch(
  candidates: readonly Candidate[],
  comparison: Comparison,
  clientSecret: string,
): Promise<Candidate | undefined> {
  for (const candidate of candidates) {
    const isMatch =
      comparison === 'bcrypt'
        ? await bcrypt.compare(clientSecret, candidate.bcrypt)
        : hash('sha256', clientSecret) === candidate.sha256
    if (isMatch) return candidate
  }
  return undefined
}

async function seed(
  db: Knex,
  { identity, clientSecret }: PeerAccount,
  cost: number,
): Promise<void> {
  const [id, authId, orgId] = [randomUUID(), randomUUID(), randomUUID()]
  await db('reference.organizations').insert({ id: orgId, name: identity })
  await db('reference.identities').insert({ id, orgId, name: identity })
  await db('reference.memberships').insert({ identityId: id, orgId })
  await db('reference.universal_auths').insert({
    id: authId,
    identityId: id,
    clientId: identity,
    trustedIps: ['0.0.0.0/0'],
  })
  await db('reference.secrets').insert({
    id: randomUUID(),
    universalAuthId: authId,
    prefix: clientSecret.slice(0, 4),
    bcrypt: await bcrypt.hash(clientSecret, cost),
    sha256: hash('sha256', clientSecret),
    uses: 0,
    maxUses: 1_000_000_000,
  })
}

const SCHEMA = `
  CREATE SCHEMA reference;
  CREATE TABLE reference.organizations (id uuid PRIMARY KEY, name text NOT NULL);
  CREATE TABLE reference.identities (id uuid PRIMARY KEY, "orgId" uuid NOT NULL, name text NOT NULL);
  CREATE TABLE reference.memberships (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "identityId" uuid NOT NULL UNIQUE, "orgId" uuid NOT NULL,
    "lastLoginAuthMethod" text, "lastLoginTime" timestamptz
  );
  CREATE TABLE reference.universal_auths (
    id uuid PRIMARY KEY, "identityId" uuid NOT NULL, "clientId" text NOT NULL UNIQUE, "trustedIps" text[] NOT NULL
  );
  CREATE TABLE reference.lockouts (key text PRIMARY KEY, locked boolean NOT NULL);
  CREATE TABLE reference.secrets (
    id uuid PRIMARY KEY, "universalAuthId" uuid NOT NULL, prefix text NOT NULL, bcrypt text NOT NULL, sha256 text NOT NULL,
    uses bigint NOT NULL, "maxUses" bigint NOT NULL, revoked boolean NOT NULL DEFAULT false, "lastUsedAt" timestamptz
  );
  CREATE INDEX ON reference.secrets ("universalAuthId");
  CREATE TABLE reference.access_tokens (
    id uuid PRIMARY KEY, "identityId" uuid NOT NULL, "secretId" uuid NOT NULL, uses bigint NOT NULL, ttl bigint NOT NULL,
    "createdAt" timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX ON reference.access_tokens ("identityId");
  CREATE TABLE reference.audit_logs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event jsonb NOT NULL)`
