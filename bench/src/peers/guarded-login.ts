import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto'
import type pg from 'pg'

/** A login, from a client secret to a signed token. */
export type PeerLogin = (account: PeerAccount) => Promise<string>

/** Somebody who logs in to a peer. */
export interface PeerAccount {
  readonly identity: string
  readonly clientSecret: string
}

/**
 * The least that a login with these guarantees takes: one guarded statement that finds the secret by its hash, checks its
 * end, its revocation, its limit, the network and the lock, counts the use and stores the session and an event; then one
 * EdDSA signature.
 */
export async function createGuardedLogin(
  pool: pg.Pool,
  count: number,
): Promise<{ readonly login: PeerLogin; readonly accounts: readonly PeerAccount[] }> {
  await pool.query(SCHEMA)
  const accounts = Array.from({ length: count }, (_, place) => ({
    identity: `guarded-${place}`,
    clientSecret: randomBytes(32).toString('base64url'),
  }))
  for (const { identity, clientSecret } of accounts)
    await pool.query(SEED, [identity, hash('sha256', clientSecret)])
  const { privateKey } = generateKeyPairSync('ed25519')
  return { login: (account) => logIn(pool, privateKey, account), accounts }
}

async function logIn(
  pool: pg.Pool,
  key: KeyObject,
  { identity, clientSecret }: PeerAccount,
): Promise<string> {
  const session = randomBytes(16).toString('base64url')
  const values = [identity, hash('sha256', clientSecret), ADDRESS, session]
  const { rowCount } = await pool.query({ name: 'guarded_login', text: LOGIN, values })
  if (rowCount !== 1) throw new Error('The guarded login was refused')
  return signToken(key, identity, session)
}

function signToken(key: KeyObject, sub: string, sid: string): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'https://id.example.com', sub, sid, jti: sid, iat: now, exp: now + 7200 }
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
  const input = `${HEADER}.${payload}`
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`
}

const ADDRESS = '203.0.113.77'
const HEADER = Buffer.from('{"alg":"EdDSA","typ":"at+jwt"}').toString('base64url')

const SCHEMA = `
  CREATE SCHEMA guarded;
  CREATE TABLE guarded.identities (id text PRIMARY KEY, networks cidr[] NOT NULL, disabled boolean NOT NULL);
  CREATE TABLE guarded.secrets (
    hash text PRIMARY KEY, identity text NOT NULL REFERENCES guarded.identities, uses int NOT NULL, max_uses int NOT NULL,
    expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz
  ) WITH (fillfactor = 80);
  CREATE TABLE guarded.lockouts (identity text PRIMARY KEY, failures int NOT NULL, locked_until timestamptz);
  CREATE TABLE guarded.sessions (
    id text PRIMARY KEY, identity text NOT NULL, uses int NOT NULL, expires_at timestamptz NOT NULL
  );
  CREATE TABLE guarded.events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event jsonb NOT NULL)`

const SEED = `
  WITH made AS (
    INSERT INTO guarded.identities VALUES ($1::text, '{203.0.113.0/24,10.0.0.0/8}', false)
  )
  INSERT INTO guarded.secrets VALUES ($2, $1, 0, 1000000000, now() + interval '90 days')`

const LOGIN = `
  WITH used AS (
    UPDATE guarded.secrets s SET uses = uses + 1, last_used_at = now()
    FROM guarded.identities i
    WHERE s.hash = $2 AND i.id = $1 AND s.identity = i.id AND s.uses < s.max_uses AND s.revoked_at IS NULL
      AND (s.expires_at IS NULL OR now() < s.expires_at)
      AND NOT i.disabled AND $3::inet <<= ANY (i.networks)
      AND NOT EXISTS (SELECT FROM guarded.lockouts l WHERE l.identity = i.id AND now() < l.locked_until)
    RETURNING i.id
  ), cleared AS (
    DELETE FROM guarded.lockouts USING used WHERE identity = used.id
  ), opened AS (
    INSERT INTO guarded.sessions SELECT $4, id, 0, now() + interval '2 hours' FROM used RETURNING id
  ), noted AS (
    INSERT INTO guarded.events (event)
    SELECT jsonb_build_object('type', 'login.granted', 'identity', used.id, 'session', $4::text, 'address', $3::text)
    FROM used
  )
  SELECT id FROM opened`
