import { hash } from 'node:crypto'
import type { Digest, Storage } from '@countersign/core/plugin'
import type pg from 'pg'
import { seedWorkload } from '../support/workload.ts'

/** How many rows of each kind a database is filled with. */
export interface Population {
  readonly identities: number
  readonly secrets: number
  readonly events: number
}

/** What a large deployment holds. */
export const FULL: Population = { identities: 1_000_000, secrets: 3_000_000, events: 10_000_000 }

/** The same in a hundredth of its size, in which the planner sees the same shape. */
export const SMOKE: Population = { identities: 10_000, secrets: 30_000, events: 100_000 }

/** One row that was stored by hand; all others are copies of it. Half of them share its organization. */
export const ORGANIZATION = 'acme'

/** The id of a workload of a population. */
export const identityOf = (place: number): `idn_${string}` => `idn_${digits(place)}`

/** The id of its auth method. */
export const authMethodOf = (place: number): `amt_${string}` => `amt_${digits(place)}`

/** The id of a secret of a population. */
export const secretOf = (place: number): `csc_${string}` => `csc_${digits(place)}`

/** The organization of a workload: every second one is in the large one. */
export function organizationOf(place: number, { identities }: Population): string {
  return place % 2 === 0 ? ORGANIZATION : `org-${Math.floor(place / 2) % othersOf(identities)}`
}

/** Fills a database with open months, a statement for each table, and tells of each one that is done. */
export async function populate(
  pool: pg.Pool,
  storage: Storage,
  size: Population,
  done: (what: string) => void = () => undefined,
): Promise<void> {
  await seedWorkload(storage)
  const client = await pool.connect()
  try {
    // Every row refers to one that a statement before it has made; asking again for each takes most of the time.
    await client.query('SET session_replication_role = replica')
    for (const [what, text] of Object.entries(statementsFor(size))) {
      await client.query(text)
      done(what)
    }
  } finally {
    client.release(true)
  }
}

/** Does at once what autovacuum does within minutes. */
export async function gatherStatistics(pool: pg.Pool): Promise<void> {
  await pool.query('VACUUM (ANALYZE)')
  await pool.query('CHECKPOINT')
}

/** Makes room for a year of events. */
export async function openMonths(pool: pg.Pool): Promise<void> {
  await pool.query(
    `SELECT countersign.open_months(${NOW} - 365 * ${DAY} + d * ${DAY}) FROM generate_series(0, 365, 14) AS d`,
  )
}

/** The digest of a secret or of a static token of a population. */
export function digestOf(kind: 'csc' | 'stk', place: number): Digest {
  return { rootKey: 'key', value: hash('sha256', `${kind}${place}`, 'base64url') }
}

const othersOf = (identities: number): number => Math.max(20, Math.round(identities / 1000))

const digits = (place: number): string => String(place).padStart(26, '0')

const NOW = '(extract(epoch FROM now()) * 1000)::bigint'
const DAY = '86400000::bigint'

/** A record of the row that is copied, with other ids in it. */
const copied = (row: string, ids: Readonly<Record<string, string>>): string =>
  Object.entries(ids).reduce(
    (text, [from, to]) => `replace(${text}, '"${from}"', '"' || ${to} || '"')`,
    `${row}.record::text`,
  )

function statementsFor(size: Population): Readonly<Record<string, string>> {
  const { identities, secrets, events } = size
  const others = othersOf(identities)
  const organization = (n: string): string =>
    `CASE WHEN ${n} % 2 = 0 THEN '${ORGANIZATION}' ELSE 'org-' || (${n} / 2) % ${others} END`
  const id = (kind: string, n: string): string => `'${kind}_' || lpad((${n})::text, 26, '0')`
  const each = (count: number): string => `generate_series(0, ${count - 1}) AS n`
  const idn = id('idn', 'n')
  const amt = id('amt', 'n')
  return {
    ...organizationsFor(others),
    identities: `
      INSERT INTO countersign.identities (
        id, organization, name, owner, metadata, disabled, generation, revision, created_at, last_login_at, record
      )
      SELECT ${idn}, ${organization('n')}, 'worker ' || n, 'owner ' || n % 5000,
        ARRAY['4:team' || length('t' || n % 5000) || ':t' || n % 5000], n % 1000 = 1, 1, 1,
        ${NOW} - 100 * ${DAY}, ${NOW} - (n % 90) * ${DAY},
        ${copied('i', { idn_1: idn, acme: organization('n'), worker: "'worker ' || n" })}::json
      FROM countersign.identities i, ${each(identities)} WHERE i.id = 'idn_1'`,
    'auth templates': `
      INSERT INTO countersign.auth_templates (id, organization, name, method, revision, record)
      SELECT ${id('atp', 'n')}, ${organization('n')}, 'template ' || n, 'ldap', 1, json_build_object(
        'id', ${id('atp', 'n')}, 'organization', ${organization('n')}, 'name', 'template ' || n, 'method', 'ldap',
        'policy', json_build_object('urls', json_build_array('ldaps://directory.example.com')),
        'revision', 1, 'createdAt', now(), 'updatedAt', now()
      )
      FROM ${each(Math.ceil(identities / 5))}`,
    'auth methods': `
      INSERT INTO countersign.auth_methods (id, organization, identity, method, revision, record)
      SELECT ${amt}, ${organization('n')}, ${idn}, 'universal', 1,
        ${copied('m', { idn_1: idn, amt_1: amt, acme: organization('n') })}::json
      FROM countersign.auth_methods m, ${each(identities)} WHERE m.id = 'amt_1'`,
    'role bindings': `
      INSERT INTO countersign.role_bindings (
        organization, id, subject_kind, subject_id, identity, role, stored_role, direct, record
      )
      SELECT organization, ${id('bnd', 'n')}, 'identity', ${idn}, ${idn}, role, role, false, json_build_object(
        'id', ${id('bnd', 'n')}, 'organization', organization,
        'subject', json_build_object('kind', 'identity', 'id', ${idn}),
        'role', role, 'createdBy', json_build_object('kind', 'engine'), 'createdAt', now()
      )
      FROM (SELECT n, ${organization('n')} AS organization, 'rol_' || n % 20 AS role FROM ${each(identities)}) AS held`,
    secrets: credentialsFor('csc', secrets, identities, organization),
    tokens: credentialsFor('stk', Math.ceil(identities / 2), identities, organization),
    ...leftBehind(size, organization),
    ...eventsFor(events, others),
  }
}

function organizationsFor(others: number): Readonly<Record<string, string>> {
  const names = `SELECT 'org-' || n AS id FROM generate_series(0, ${others - 1}) AS n`
  return {
    organizations: `
      INSERT INTO countersign.organizations (id, name, revision, record)
      SELECT o.id, 'Organization ' || o.id, 1, ${copied('first', { acme: 'o.id' })}::json
      FROM countersign.organizations first, (${names}) AS o WHERE first.id = '${ORGANIZATION}'`,
    roles: `
      INSERT INTO countersign.roles (organization, id, slug, name, revision, record)
      SELECT o.id, 'rol_' || r, 'role-' || r, 'Role ' || r, 1, json_build_object(
        'organization', o.id, 'id', 'rol_' || r, 'slug', 'role-' || r, 'name', 'Role ' || r, 'rules', '[]'::json,
        'createdBy', json_build_object('kind', 'engine'), 'revision', 1, 'createdAt', now(), 'updatedAt', now()
      )
      FROM (${names} UNION ALL SELECT '${ORGANIZATION}') AS o, generate_series(0, 19) AS r`,
  }
}

/** Every fiftieth has ended long ago, every fifth soon will, every fourth counts its uses. */
function credentialsFor(
  kind: 'csc' | 'stk',
  count: number,
  identities: number,
  organization: (n: string) => string,
): string {
  const owner = `lpad((n % ${identities})::text, 26, '0')`
  const [template, table] = kind === 'csc' ? ['csc_1', 'secret'] : ['stk_1', 'token']
  const ids = {
    idn_1: `'idn_' || ${owner}`,
    amt_1: `'amt_' || ${owner}`,
    [template]: `'${kind}_' || lpad(n::text, 26, '0')`,
    acme: organization(`(n % ${identities})`),
  }
  return `
    INSERT INTO countersign.credentials (
      id, kind, organization, identity, auth_method, name, digest, root_key, max_uses, uses, expires_at, created_at, record
    )
    SELECT '${kind}_' || lpad(n::text, 26, '0'), '${table}', ${organization(`(n % ${identities})`)},
      'idn_' || ${owner}, 'amt_' || ${owner}, 'credential ' || n,
      translate(encode(sha256(convert_to('${kind}' || n, 'UTF8')), 'base64'), '+/=', '-_'), 'key',
      CASE WHEN n % 4 = 0 THEN 1000000 END, 0,
      CASE WHEN n % 50 = 7 THEN ${NOW} - 60 * ${DAY} WHEN n % 5 = 0 THEN ${NOW} + 60 * ${DAY} END,
      ${NOW} - 90 * ${DAY}, ${copied('c', ids)}::json
    FROM countersign.credentials c, generate_series(0, ${count - 1}) AS n WHERE c.id = '${template}'`
}

/** What logins, refusals and revocations leave behind; a tenth of it is over. */
function leftBehind(
  { identities }: Population,
  organization: (n: string) => string,
): Readonly<Record<string, string>> {
  const over = (step: number): string =>
    `CASE WHEN n / ${step} % 10 = 3 THEN ${NOW} - ${DAY} ELSE ${NOW} + 20 * ${DAY} END`
  const idn = `'idn_' || lpad(n::text, 26, '0')`
  const every = (step: number): string => `generate_series(0, ${identities - 1}, ${step}) AS n`
  return {
    'known sources': `
      INSERT INTO countersign.known_sources (organization, identity, method, source, since, until)
      SELECT ${organization('n')}, ${idn}, 'universal', '198.51.100.' || n % 250, ${NOW} - 10 * ${DAY}, ${over(1)}
      FROM ${every(1)}`,
    'use counts': `
      INSERT INTO countersign.use_counts (organization, session, identity, auth_method, uses, until)
      SELECT ${organization('n')}, 'sid_' || n, ${idn}, 'amt_' || lpad(n::text, 26, '0'), 1, ${over(2)}
      FROM ${every(2)}`,
    counters: `
      INSERT INTO countersign.counters (
        organization, identity, method, class, failures, locked, expires_at, counted
      )
      SELECT ${organization('n')}, ${idn}, 'universal', 'strangers', 2, n % 400 = 0, ${over(20)}, true
      FROM ${every(20)}`,
    revocations: `
      INSERT INTO countersign.revocations (organization, id, until)
      SELECT ${organization('n')}, 'sid_' || n || 'r', ${over(5)} FROM ${every(5)}`,
    once: `
      INSERT INTO countersign.once (digest, until)
      SELECT sha256(convert_to('once' || n, 'UTF8')), ${over(10)} FROM ${every(10)}`,
  }
}

/** A year of events, sealed in their order: half of them in the chain of the large organization. */
function eventsFor(events: number, others: number): Readonly<Record<string, string>> {
  const sealedAt = `${NOW} - 365 * ${DAY} + (p * (360 * ${DAY} / ${events}))`
  const part = Math.ceil(events / 10)
  const parts = Array.from({ length: 10 }, (_, place) => [place * part + 1, (place + 1) * part])
  const inserts = parts.map(([first, last], place) => {
    const text = `
      INSERT INTO countersign.events (position, index, sealed_at, hash, event)
      SELECT p, CASE WHEN p % 2 = 0 THEN p / 2 ELSE p / 2 / ${others} + 1 END, at,
        encode(sha256(int8send(p)), 'hex'), json_build_object(
          'v', 1, 'id', 'evt_' || lpad(p::text, 26, '0'),
          'type', (ARRAY['login.granted', 'token.renewed', 'login.refused'])[p / 2 % 3 + 1],
          'at', to_char(to_timestamp(at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'organization', CASE WHEN p % 2 = 0 THEN '${ORGANIZATION}' ELSE 'org-' || p / 2 % ${others} END,
          'actor', json_build_object('kind', 'identity', 'id', 'idn_' || lpad((p / 20)::text, 26, '0')),
          'target', json_build_object('kind', 'token', 'id', 'sid_' || p)
        )
      FROM (SELECT p, ${sealedAt} AS at FROM generate_series(${first}::bigint, least(${last}, ${events})) AS p) AS sealed`
    return [`events, part ${place + 1}`, text] as const
  })
  return {
    ...Object.fromEntries(inserts),
    chains: `
      INSERT INTO countersign.chains (organization, index, hash, checkpoint, kept_since)
      SELECT organization, max(index), 'hash', json_build_object(
        'index', max(index), 'anchor', json_build_object('index', 0), 'kid', 'key-1'
      ), min(sealed_at)
      FROM countersign.events GROUP BY organization
      ON CONFLICT (organization) DO UPDATE SET
        index = excluded.index, checkpoint = excluded.checkpoint, kept_since = excluded.kept_since,
        unchecked_since = NULL`,
    stream: `UPDATE countersign.stream SET position = ${events}, sealed_at = ${NOW} - ${DAY}`,
  }
}
