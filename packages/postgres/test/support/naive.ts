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

/** Creates a storage that does the same to uses of tokens and to lockouts. */
export function createNaiveCounts(storage: Storage, pool: Pool): Storage {
  return {
    ...storage,
    tokens: {
      ...storage.tokens,
      async spend({ organization, session }, limit) {
        const values = [organization, session]
        const where = 'WHERE organization = $1 AND session = $2'
        const { rows } = await pool.query(
          `SELECT uses FROM countersign.use_counts ${where}`,
          values,
        )
        const uses = Number(rows[0]?.uses)
        if (uses >= limit) return false
        const text = `UPDATE countersign.use_counts SET uses = $3 ${where}`
        await pool.query(text, [...values, uses + 1])
        return true
      },
    },
    logins: {
      ...storage.logins,
      async strike({ organization, identity, method, class: name }, policy, now) {
        const values = [organization, identity, method, name]
        const read = `SELECT failures FROM countersign.counters
          WHERE organization = $1 AND identity = $2 AND method = $3 AND class = $4`
        const { rows } = await pool.query(read, values)
        const failures = Number(rows[0]?.failures ?? 0) + 1
        const locked = failures >= policy.threshold
        const end = now.getTime() + (locked ? policy.duration : policy.window) * 1000
        const write = `INSERT INTO countersign.counters VALUES ($1, $2, $3, $4, $5, $6, $7, true)
          ON CONFLICT (organization, identity, method, class)
          DO UPDATE SET failures = excluded.failures, locked = excluded.locked, expires_at = excluded.expires_at`
        await pool.query(write, [...values, failures, locked, end])
        return { counter: { failures, locked, expiresAt: new Date(end) }, counted: true }
      },
    },
  }
}
