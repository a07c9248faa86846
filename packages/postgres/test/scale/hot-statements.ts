import type { Storage } from '@countersign/core/plugin'
import { DEFAULT_LOCKOUT } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import { anEvent } from '../support/records.ts'
import type { Population } from './population.ts'
import {
  authMethodOf,
  digestOf,
  identityOf,
  ORGANIZATION,
  organizationOf,
  secretOf,
} from './population.ts'

/** A statement as it is sent. */
export interface Sent {
  /** Present where it is prepared, and may get a plan for any values. */
  readonly name?: string
  readonly text: string
  readonly values: readonly unknown[]
}

type Verb = (storage: Storage, now: Date) => unknown

/** Verbs by their names. */
export type Verbs = Readonly<Record<string, Verb>>

/** What logins and requests ask: each verb is one statement, about a few rows. */
export function requestVerbs(size: Population): Verbs {
  return { ...ofLogins(size), ...ofTokens(size) }
}

/** What people who look around ask: each verb is one page. */
export function listVerbs(size: Population): Verbs {
  return { ...ofLists(size), ...ofTrail(size) }
}

/** Asks a storage whose answers are empty, and hears what it would send. */
export async function sentBy(verb: Verb): Promise<Sent> {
  const sent: Sent[] = []
  const query = async (asked: Sent) => {
    sent.push(asked)
    return { rows: [] }
  }
  const storage = postgresStorage({ pool: { connect: async () => ({ query, release }) } })
  try {
    await verb(storage, new Date())
  } catch {
    // No row is no answer to most of them.
  }
  const [first] = sent
  if (first === undefined) throw new Error('Nothing was sent')
  return first
}

function release(): void {}

/** The workload that is asked for: one of the large organization. */
const PLACE = 1236

const unknown = { rootKey: 'new key', value: 'an unknown digest' }
const later = (now: Date): Date => new Date(now.getTime() + 3_600_000)

function ofLogins(size: Population): Verbs {
  const identity = identityOf(PLACE)
  const organization = organizationOf(PLACE, size)
  const source = { method: 'universal', source: '198.51.100.9' }
  const authMethod = authMethodOf(PLACE)
  const lockout = { organization, identity, method: 'universal', class: 'strangers' } as const
  const owner = { organization, identity, generation: 1, authMethod }
  const events = [anEvent()]
  return {
    'logins.find': ({ logins }, now) =>
      logins.find({ ...source, identity, digests: [unknown, digestOf('csc', PLACE)] }, now),
    'logins.find, by secret': ({ logins }, now) =>
      logins.find({ ...source, digests: [digestOf('csc', PLACE)] }, now),
    'logins.grant': ({ logins }, now) => {
      const charges = [{ kind: 'use', credential: secretOf(PLACE) }] as const
      const remember = { ...source, until: later(now) }
      const counted = { session: 'sid_new', until: later(now) }
      const redigest = { credential: secretOf(PLACE), digest: unknown }
      return logins.grant({ ...owner, charges, lockout, remember, counted, redigest }, now, events)
    },
    'logins.grant, of evidence': ({ logins }, now) => {
      const charges = [{ kind: 'once', key: 'a new one', until: later(now) }] as const
      return logins.grant({ ...owner, charges, lockout }, now, events)
    },
    'logins.strike': ({ logins }, now) =>
      logins.strike(lockout, DEFAULT_LOCKOUT, now, { refused: events, locked: events }),
  }
}

/** Searches without an index of their own: they look through an organization, and grow with it. */
export const growingVerbs: Verbs = {
  'identities.page, disabled': ({ identities }) =>
    identities.page({ ...page, filter: { organization: ORGANIZATION, disabled: true } }),
  'identities.page, unused since': ({ identities }, now) => {
    const unusedSince = daysBefore(now, 95)
    return identities.page({ ...page, filter: { organization: ORGANIZATION, unusedSince } })
  },
  'trail.page, since': ({ trail }, now) =>
    trail.page({ filter: { organization: ORGANIZATION, since: daysBefore(now, 40) }, limit: 101 }),
  'trail.page, until': ({ trail }, now) =>
    trail.page({ filter: { organization: ORGANIZATION, until: daysBefore(now, 40) }, limit: 101 }),
}

const daysBefore = (now: Date, days: number): Date => new Date(now.getTime() - days * 86_400_000)

const MIDDLE = { value: 'worker 5', id: identityOf(5) }
const page = { order: 'id', limit: 100 } as const
const byName = { order: 'name', limit: 100, after: MIDDLE } as const

function ofTokens(size: Population): Verbs {
  const organization = organizationOf(PLACE, size)
  const identity = identityOf(PLACE)
  const session = `sid_${PLACE}` as const
  const standing = { organization, identity, authMethod: authMethodOf(PLACE), session }
  const events = [anEvent()]
  const subjects = [PLACE, PLACE + 2].map((place) => ({
    kind: 'identity' as const,
    id: identityOf(place),
  }))
  return {
    'tokens.find': ({ tokens }, now) => tokens.find(standing, now),
    'tokens.spend': ({ tokens }) => tokens.spend(standing, 10, events),
    'tokens.renew': ({ tokens }, now) => {
      const counted = { session, limit: 10, until: later(now) }
      return tokens.renew({ ...standing, generation: 1, counted }, now, events)
    },
    'tokens.revoke': ({ tokens }, now) =>
      tokens.revoke({ organization, id: session, until: later(now) }, events),
    'staticTokens.findByDigest': ({ staticTokens }, now) =>
      staticTokens.findByDigest([unknown, digestOf('stk', PLACE)], now),
    'staticTokens.use': ({ staticTokens }, now) => {
      const key = { organization, id: `stk_${String(PLACE).padStart(26, '0')}` } as const
      return staticTokens.use({ ...key, redigest: unknown }, now, events)
    },
    'roleBindings.heldBy': ({ roleBindings }) => roleBindings.heldBy(organization, subjects),
    'identities.find': ({ identities }) => identities.find(organization, identity),
  }
}

function ofLists(size: Population): Verbs {
  const organization = ORGANIZATION
  const identity = identityOf(PLACE)
  const subject = { kind: 'identity', id: identity } as const
  const small = organizationOf(3, size)
  return {
    'identities.page': ({ identities }) =>
      identities.page({ ...page, after: MIDDLE, filter: { organization } }),
    'identities.page, by name': ({ identities }) =>
      identities.page({ ...byName, filter: { organization } }),
    'identities.page, of a name': ({ identities }) =>
      identities.page({ ...byName, filter: { organization, name: 'worker 512' } }),
    'identities.page, of an owner': ({ identities }) =>
      identities.page({ ...page, filter: { organization, owner: 'owner 1234' } }),
    'identities.page, of metadata': ({ identities }) =>
      identities.page({ ...page, filter: { organization, metadata: { team: 't1234' } } }),
    'identities.page, of a method': ({ identities }) =>
      identities.page({ ...page, filter: { organization, method: 'universal' } }),
    'clientSecrets.page': ({ clientSecrets }) =>
      clientSecrets.page({ ...page, filter: { organization, identity } }),
    'staticTokens.page': ({ staticTokens }) =>
      staticTokens.page({ ...page, filter: { organization, identity } }),
    'authMethods.page': ({ authMethods }) =>
      authMethods.page({ ...page, filter: { organization, identity } }),
    'roleBindings.page': ({ roleBindings }) =>
      roleBindings.page({ ...page, filter: { organization } }),
    'roleBindings.page, of a subject': ({ roleBindings }) =>
      roleBindings.page({ ...page, filter: { organization, subject } }),
    'roleBindings.page, of a role': ({ roleBindings }) =>
      roleBindings.page({ ...page, filter: { organization: small, role: 'rol_3' } }),
    'lockouts.active': ({ lockouts }, now) =>
      lockouts.active({ organization, identity, method: 'universal' }, now),
    'lockouts.clear': ({ lockouts }, now) =>
      lockouts.clear({ organization, identity, method: 'universal' }, now, [anEvent()]),
  }
}

function ofTrail(size: Population): Verbs {
  const organization = ORGANIZATION
  const type = 'login.granted'
  const identity = identityOf(Math.floor(size.events / 40))
  return {
    'trail.read': ({ trail }) => trail.read(size.events - 1000, 500),
    'trail.page': ({ trail }) => trail.page({ filter: { organization }, limit: 101 }),
    'trail.page, of a type': ({ trail }) =>
      trail.page({ filter: { organization, type }, limit: 101 }),
    'trail.page, of an identity': ({ trail }) =>
      trail.page({ filter: { organization, identity }, limit: 101 }),
  }
}
