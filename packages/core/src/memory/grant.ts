import type { Charge, LoginGrant, LoginReason } from '../plugin.ts'
import { isLocked, MAX_KNOWN_SOURCES, refuseClientSecret } from '../plugin.ts'
import { authMethodOf } from './auth-methods.ts'
import { secretIn } from './client-secrets.ts'
import { counterKeyOf, counterOf } from './counters.ts'
import { identityIn } from './identities.ts'
import { keyOf } from './key.ts'
import { createOverlay } from './overlay.ts'
import type { KnownSource } from './rows.ts'
import { groups } from './shapes.ts'
import { oneOf } from './table.ts'
import type { Tables } from './tables.ts'

/** Commits a grant, or answers why not and leaves everything as it was. */
export function grantLogin(tables: Tables, grant: LoginGrant, now: Date): LoginReason | undefined {
  const refusal = refuseGrant(tables, grant, now)
  if (refusal !== undefined) return refusal
  const secrets = createOverlay(tables.secrets)
  const once = createOverlay(tables.once)
  for (const charge of grant.charges) {
    const refused = takeCharge({ ...tables, secrets, once }, grant, charge, now)
    if (refused !== undefined) return refused
  }
  redigest({ ...tables, secrets }, grant)
  secrets.apply()
  once.apply()
  if (grant.lockout !== undefined) tables.counters.delete(counterKeyOf(grant.lockout))
  remember(tables, grant, now)
  openCount(tables, grant)
  return undefined
}

function refuseGrant(tables: Tables, grant: LoginGrant, now: Date): LoginReason | undefined {
  const { organization, lockout } = grant
  const identity = identityIn(tables, organization, grant.identity)
  if (identity === undefined) return 'unknown_client'
  if (identity.disabled) return 'identity_disabled'
  if (identity.generation !== grant.generation) return 'identity_changed'
  if (authMethodOf(tables, identity, grant.authMethod) === undefined) return 'unknown_client'
  if (lockout !== undefined && isLocked(counterOf(tables, lockout), now)) return 'too_many_attempts'
  return undefined
}

function takeCharge(
  tables: Tables,
  grant: LoginGrant,
  charge: Charge,
  now: Date,
): LoginReason | undefined {
  if (charge.kind === 'use') return useSecret(tables, grant, charge.credential, now)
  const seen = tables.once.get(charge.key)
  if (seen !== undefined && now < seen.until) return 'evidence_replayed'
  tables.once.put({ key: charge.key, until: new Date(charge.until) })
  return undefined
}

function useSecret(
  tables: Tables,
  { organization, authMethod }: LoginGrant,
  id: string,
  now: Date,
): LoginReason | undefined {
  const row = secretIn(tables, organization, id)
  if (row === undefined || row.secret.authMethod !== authMethod) return 'wrong_secret'
  const refusal = refuseClientSecret(row.secret, now)
  if (refusal !== undefined) return refusal
  // Uses of an unlimited secret are a statistic, and come in through record().
  if (row.secret.maxUses === undefined) return undefined
  const secret = { ...row.secret, uses: row.secret.uses + 1, lastUsedAt: new Date(now) }
  tables.secrets.put({ ...row, secret })
  return undefined
}

function redigest(tables: Tables, { organization, authMethod, redigest }: LoginGrant): void {
  if (redigest === undefined) return
  const { credential, digest } = redigest
  const row = secretIn(tables, organization, credential)
  if (row?.secret.authMethod !== authMethod) return
  const isTaken = oneOf(tables.secrets.in(groups.digest(digest.value))) !== undefined
  if (!isTaken) tables.secrets.put({ ...row, digest: { ...digest } })
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
