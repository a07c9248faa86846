import type { ClientSecret, SecretRotation, SecretStore, StoredCredential } from '../plugin.ts'
import { earliest, isStaticToken } from '../plugin.ts'
import { copyOf } from './copy.ts'
import type { CredentialKind } from './credentials.ts'
import { admits, createCredentialStore, credentialIn } from './credentials.ts'
import { createExpiryNotices } from './expiry-notices.ts'
import type { Tables } from './tables.ts'

const kind: CredentialKind<ClientSecret> = {
  includes: (credential: StoredCredential): credential is ClientSecret =>
    !isStaticToken(credential),
  nameOf: ({ description }) => description,
}

/** Creates the store of client secrets. */
export function createClientSecrets(tables: Tables): SecretStore {
  const { credentials, journal } = tables
  return {
    ...createCredentialStore(tables, kind),
    ...createExpiryNotices(tables, kind),
    async rotate(rotation, events) {
      const done = rotate(tables, rotation)
      if (done) journal.append(events)
      return done
    },
    async endedOverlaps(now, limit) {
      const ended: ClientSecret[] = []
      for (const { credential, endNoted } of credentials.all())
        if (endNoted !== true && kind.includes(credential) && hasEndedOverlap(credential, now))
          ended.push(credential)
      return copyOf(ended.slice(0, limit))
    },
    async noteEnd({ organization, id }, events) {
      const row = credentialIn(tables, kind, { organization, id })
      if (row === undefined || row.endNoted === true) return false
      credentials.put({ ...row, endNoted: true })
      journal.append(events)
      return true
    },
  }
}

function rotate(tables: Tables, { organization, id, ...rotation }: SecretRotation): boolean {
  const row = credentialIn(tables, kind, { organization, id })
  const { successor, digest } = rotation
  if (row === undefined || !admits(tables, successor, digest)) return false
  const { credential } = row
  if (credential.revoked !== undefined || credential.replacedBy !== undefined) return false
  const expiresAt = earliest(credential.expiresAt, rotation.endsAt) ?? rotation.endsAt
  const replaced = { ...credential, expiresAt, replacedBy: successor.id }
  tables.credentials.put(copyOf({ ...row, credential: replaced }))
  tables.credentials.put(copyOf({ credential: successor, digest }))
  return true
}

function hasEndedOverlap({ replacedBy, expiresAt, revoked }: ClientSecret, now: Date): boolean {
  if (replacedBy === undefined || revoked !== undefined) return false
  return expiresAt !== undefined && now >= expiresAt
}
