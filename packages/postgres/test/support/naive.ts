import type { LoginGrant, Storage } from '@countersign/core/plugin'
import type { Pool } from 'pg'

/** Creates a storage that reads how often a secret was used, decides, and then writes: what everybody writes first. */
export function createNaive(storage: Storage, pool: Pool): Storage {
  return {
    ...storage,
    logins: {
      ...storage.logins,
      async grant(grant: LoginGrant, now, events) {
        const [charge] = grant.charges
        if (charge?.kind !== 'use') return storage.logins.grant(grant, now, events)
        const { organization } = grant
        const secret = await storage.clientSecrets.find(organization, charge.credential)
        if (secret?.maxUses === undefined) return storage.logins.grant(grant, now, events)
        if (secret.uses >= secret.maxUses) return 'secret_exhausted'
        const refusal = await storage.logins.grant({ ...grant, charges: [] }, now, events)
        const text = 'UPDATE countersign.credentials SET uses = $2 WHERE id = $1'
        if (refusal === undefined) await pool.query(text, [secret.id, secret.uses + 1])
        return refusal
      },
    },
  }
}
