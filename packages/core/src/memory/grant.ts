import type { Charge, LockoutKey, LoginGrant, LoginReason } from '../plugin.ts'
import { isLocked, MAX_KNOWN_SOURCES, refuseCredential } from '../plugin.ts'
import { authMethodOf } from './auth-methods.ts'
import { counterKeyOf, counterOf } from './counters.ts'
import { countUse, redigest } from './credentials.ts'
import { identityIn } from './identities.ts'
import { keyOf } from './key.ts'
import { createOverlay } from './overlay.ts'
import type { CredentialRow, KnownSource } from './rows.ts'
import type { Tables } from './tables.ts'

/** Commits a grant, or answers why not and leaves everything as it was. */
export function grantLogin(tables: Tables, grant: LoginGrant, now: Date): LoginReason | undefined {
  const refusal = refuseGrant(tables, grant, now)
  if (refusal !== undefined) return refusal
  const credentials = createOverlay(tables.credentials)
  const once = createOverlay(tables.once)
  for (const charge of grant.charges) {
    const refused = takeCharge({ ...tables, credentials, once }, grant, charge, now)
    if (refused !== undefined) return refused
  }
  changeDigest({ ...tables, credentials }, grant)
  credentials.apply()
  once.apply()
  for (const key of countersOf(grant)) tables.counters.delete(counterKeyOf(key))
  remember(tables, grant, now)
  openCount(tables, grant)
  return undefined
}

function refuseGrant(tables: Tables, grant: LoginGrant, now: Date): LoginReason | undefined {
  const { organization } = grant
  const identity = identityIn(tables, organization, grant.identity)
  if (identity === undefined) return 'unknown_client'
  if (identity.disabled) return 'identity_disabled'
  if (identity.generation !== grant.generation) return 'identity_changed'
  if (authMethodOf(tables, identity, grant.authMethod) === undefined) return 'unknown_client'
  if (countersOf(grant).some((key) => isLocked(counterOf(tables, key), now)))
    return 'too_many_attempts'
  return undefined
}

/** The counters that a grant clears, unless one of them is locked. */
function countersOf({ lockout }: LoginGrant): readonly LockoutKey[] {
  if (lockout === undefined) return []
  const { total, ...key } = lockout
  return total === undefined ? [key] : [key, { ...key, class: total }]
}

function takeCharge(
  tables: Tables,
  grant: LoginGrant,
  charge: Charge,
  now: Date,
): LoginReason | undefined {
  if (charge.kind === 'use') return useCredential(tables, grant, charge.credential, now)
  const { key, until, holder } = charge
  const seen = tables.once.get(key)
  const stands = seen !== undefined && now < seen.until
  if (stands && (holder === undefined || seen.holder !== holder)) return 'evidence_replayed'
  const ends = stands && until < seen.until ? seen.until : new Date(until)
  tables.once.put({ key, until: ends, ...(holder !== undefined && { holder }) })
  return undefined
}

function useCredential(
  tables: Tables,
  grant: LoginGrant,
  id: string,
  now: Date,
): LoginReason | undefined {
  const row = ownCredential(tables, grant, id)
  if (row === undefined) return 'wrong_secret'
  const refusal = refuseCredential(row.credential, now)
  if (refusal === undefined) countUse(tables, row, now)
  return refusal
}

function changeDigest(tables: Tables, grant: LoginGrant): void {
  if (grant.redigest === undefined) return
  const { credential, digest } = grant.redigest
  if (ownCredential(tables, grant, credential) !== undefined) redigest(tables, credential, digest)
}

/** A credential of the very auth method that is granted; any other one is as good as unknown. */
function ownCredential(
  { credentials }: Tables,
  { organization, authMethod }: LoginGrant,
  id: string,
): CredentialRow | undefined {
  const row = credentials.get(id)
  const isOwn =
    row?.credential.organization === organization && row.credential.authMethod === authMethod
  return isOwn ? row : undefined
}

function remember({ known }: Tables, grant: LoginGrant, now: Date): void {
  if (grant.remember === undefined) return
  const { organization, identity } = grant
  const { method, source, until } = grant.remember
  const stored = known.get(keyOf(organization, identity, method))?.sources ?? []
  const others = stored.filter((row) => row.source !== source && now < row.until)
  const added: KnownSource = { source, since: new Date(now), until: new Date(until) }
  const sources = [...others, added].slice(-MAX_KNOWN_SOURCES)
  known.put({ organization, identity, method, sources })
}

function openCount({ useCounts }: Tables, grant: LoginGrant): void {
  if (grant.counted === undefined) return
  const { organization, identity, authMethod } = grant
  const { session, until } = grant.counted
  // A count that is there already is never refilled.
  if (useCounts.get(keyOf(organization, session)) !== undefined) return
  useCounts.put({
    organization,
    identity,
    authMethod,
    session,
    uses: 0,
    until: new Date(until),
  })
}
