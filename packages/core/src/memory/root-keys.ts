import type { RootKeyStore, RootKeyUse } from '../plugin.ts'
import { refuseClientSecret } from '../plugin.ts'
import { markRevoked } from './revocations.ts'
import type { SecretRow } from './rows.ts'
import type { Tables } from './tables.ts'

/** Creates the store that knows which root key each digest was made with. */
export function createRootKeys(tables: Tables): RootKeyStore {
  const { secrets, journal } = tables

  function alive(now: Date): readonly SecretRow[] {
    return [...secrets.all()].filter(({ secret }) => refuseClientSecret(secret, now) === undefined)
  }

  return {
    async uses(now) {
      const uses = new Map<string, RootKeyUse>()
      for (const { digest } of alive(now)) {
        const { rootKey } = digest
        const clientSecrets = (uses.get(rootKey)?.clientSecrets ?? 0) + 1
        uses.set(rootKey, { rootKey, clientSecrets, staticTokens: 0 })
      }
      return [...uses.values()]
    },
    async retire({ rootKey, revocation, until }, events) {
      const doomed = alive(revocation.at).filter(({ digest }) => digest.rootKey === rootKey)
      for (const row of doomed) {
        const { organization, id } = row.secret
        secrets.put({ ...row, secret: { ...row.secret, revoked: { ...revocation } } })
        markRevoked(tables, { organization, id, until })
      }
      if (doomed.length > 0) journal.append(events)
      return doomed.length
    },
  }
}
