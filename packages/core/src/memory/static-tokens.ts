import type {
  StaticToken,
  StaticTokenRefusal,
  StaticTokenStanding,
  StaticTokenStore,
  StaticTokenUse,
} from '../plugin.ts'
import { isStaticToken, refuseStaticToken } from '../plugin.ts'
import { authMethodOf } from './auth-methods.ts'
import { copyOf } from './copy.ts'
import type { CredentialKind } from './credentials.ts'
import {
  countUse,
  createCredentialStore,
  credentialIn,
  credentialsOf,
  redigest,
} from './credentials.ts'
import { createExpiryNotices } from './expiry-notices.ts'
import { boundOf, subjectOf } from './holdings.ts'
import { identityIn } from './identities.ts'
import { groups } from './shapes.ts'
import type { Tables } from './tables.ts'

const kind: CredentialKind<StaticToken> = {
  includes: isStaticToken,
  nameOf: ({ name }) => name,
}

/** Creates the store of static tokens. */
export function createStaticTokens(tables: Tables): StaticTokenStore {
  const { credentials, journal } = tables
  return {
    ...createCredentialStore(tables, kind),
    ...createExpiryNotices(tables, kind),
    findByDigest: async (digests) => copyOf(findByDigest(tables, digests)),
    async use(use, now, events) {
      const refusal = useToken(tables, use, now)
      if (refusal === undefined) journal.append(events)
      return refusal
    },
    async rename(key, name, events) {
      const row = credentialIn(tables, kind, key)
      if (row === undefined) return undefined
      const credential = { ...row.credential, name }
      credentials.put({ ...row, credential })
      journal.append(events)
      return copyOf(credential)
    },
    async revokeAll({ organization, identity }, revocation, events) {
      const rows = [...credentials.in(groups.identity(identity))].filter(
        ({ credential }) =>
          credential.organization === organization &&
          isStaticToken(credential) &&
          credential.revoked === undefined,
      )
      for (const row of rows)
        credentials.put({ ...row, credential: { ...row.credential, revoked: copyOf(revocation) } })
      if (rows.length > 0) journal.append(events)
      return rows.length
    },
  }
}

function findByDigest(
  tables: Tables,
  digests: Parameters<StaticTokenStore['findByDigest']>[0],
): StaticTokenStanding | undefined {
  const [row] = credentialsOf(tables, digests)
  if (row === undefined || !isStaticToken(row.credential)) return undefined
  const { credential: token, digest } = row
  const identity = identityIn(tables, token.organization, token.identity)
  const authMethod = identity && authMethodOf(tables, identity, token.authMethod)
  if (identity === undefined || authMethod === undefined) return undefined
  const bound = boundOf(tables, token.organization, subjectOf(identity))
  return { token, identity, authMethod, bound, storedUnder: digest.rootKey }
}

function useToken(
  tables: Tables,
  { organization, id, redigest: digest }: StaticTokenUse,
  now: Date,
): StaticTokenRefusal | undefined {
  const row = credentialIn(tables, kind, { organization, id })
  // What is gone was taken back.
  if (row === undefined) return 'token_revoked'
  const refusal = refuseStaticToken(row.credential, now)
  if (refusal !== undefined) return refusal
  countUse(tables, row, now)
  if (digest !== undefined) redigest(tables, id, digest)
  return undefined
}
