import type { RootKeyStore, RootKeyUse } from '../plugin.ts'
import { endOf, isStaticToken } from '../plugin.ts'
import { markRevoked } from './revocations.ts'
import type { CredentialRow } from './rows.ts'
import type { Tables } from './tables.ts'

/** Creates the store that knows which root key each digest was made with. */
export function createRootKeys(tables: Tables): RootKeyStore {
  const { credentials, journal } = tables

  function alive(now: Date): readonly CredentialRow[] {
    return [...credentials.all()].filter(({ credential }) => endOf(credential, now) === undefined)
  }

  return {
    async uses(now) {
      const uses = new Map<string, RootKeyUse>()
      for (const { digest, credential } of alive(now)) {
        const { rootKey } = digest
        const { clientSecrets = 0, staticTokens = 0 } = uses.get(rootKey) ?? {}
        const counted = isStaticToken(credential)
          ? { clientSecrets, staticTokens: staticTokens + 1 }
          : { clientSecrets: clientSecrets + 1, staticTokens }
        uses.set(rootKey, { rootKey, ...counted })
      }
      return [...uses.values()]
    },
    async retire({ rootKey, revocation, until }, events) {
      const doomed = alive(revocation.at).filter(({ digest }) => digest.rootKey === rootKey)
      for (const row of doomed) {
        const { organization, id } = row.credential
        credentials.put({ ...row, credential: { ...row.credential, revoked: { ...revocation } } })
        markRevoked(tables, { organization, id, until })
      }
      if (doomed.length > 0) journal.append(events)
      return doomed.length
    },
  }
}
