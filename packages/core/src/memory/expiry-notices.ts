import type { CredentialStore, Seconds } from '../plugin.ts'
import { isExpiring } from '../plugin.ts'
import { copyOf } from './copy.ts'
import type { CredentialKind } from './credentials.ts'
import { credentialIn } from './credentials.ts'
import type { AnyCredential, CredentialRow } from './rows.ts'
import type { Tables } from './tables.ts'

/** Creates what a store of credentials knows of those that end soon. */
export function createExpiryNotices<Credential extends AnyCredential>(
  tables: Tables,
  kind: Pick<CredentialKind<Credential>, 'includes'>,
): Pick<CredentialStore<Credential>, 'expiring' | 'noteExpiry'> {
  const { credentials, journal } = tables
  return {
    async expiring({ within, now }, limit) {
      let count = 0
      const untold: Credential[] = []
      for (const row of credentials.all()) {
        const { credential } = row
        if (!kind.includes(credential) || !isExpiring(credential, within, now)) continue
        count += 1
        if (!isNoted(row, within)) untold.push(credential)
      }
      return copyOf({ count, untold: untold.sort(byEnd).slice(0, limit) })
    },
    async noteExpiry(key, within, events) {
      const row = credentialIn(tables, kind, key)
      if (row === undefined || isNoted(row, within)) return false
      if (row.credential.revoked !== undefined || 'replacedBy' in row.credential) return false
      credentials.put({ ...row, expiryNoted: within })
      journal.append(events)
      return true
    },
  }
}

function isNoted({ expiryNoted }: CredentialRow, within: Seconds): boolean {
  return expiryNoted !== undefined && expiryNoted <= within
}

function byEnd(one: AnyCredential, other: AnyCredential): number {
  return Number(one.expiresAt) - Number(other.expiresAt)
}
