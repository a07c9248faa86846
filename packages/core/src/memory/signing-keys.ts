import type { KeyStore, StoredKeyRing, StoredSigningKey, Succession } from '../plugin.ts'
import { copyOf } from './copy.ts'
import type { Tables } from './tables.ts'

/** Creates the store of signing keys. */
export function createSigningKeys(tables: Tables): KeyStore {
  const { signingKeys, journal } = tables
  return {
    async ensure(key, events) {
      const newest = ringOf(tables).keys.at(-1)
      if (newest !== undefined) return copyOf(newest)
      signingKeys.put(copyOf(key))
      journal.append(events)
      return copyOf(key)
    },
    list: async () => copyOf(ringOf(tables)),
    async succeed(succession, events) {
      const done = succeed(tables, succession)
      if (done) journal.append(events)
      return done
    },
    async reseal({ kid, from, to }) {
      const key = signingKeys.get(kid)
      if (key?.sealed !== from) return false
      signingKeys.put({ ...key, sealed: to })
      return true
    },
    async remove(kid, events) {
      if (signingKeys.get(kid) === undefined) return false
      signingKeys.delete(kid)
      journal.append(events)
      return true
    },
  }
}

function ringOf({ signingKeys }: Tables): StoredKeyRing {
  const keys = [...signingKeys.all()].sort(byActivation)
  return { revision: signingKeys.versionOf(), keys }
}

function byActivation(a: StoredSigningKey, b: StoredSigningKey): number {
  return a.activeFrom.getTime() - b.activeFrom.getTime()
}

function succeed(tables: Tables, { kid, successor, retiresAt }: Succession): boolean {
  const newest = ringOf(tables).keys.at(-1)
  if (newest?.kid !== kid) return false
  const { activeFrom } = successor
  tables.signingKeys.put(copyOf({ ...newest, supersededAt: activeFrom, retiresAt }))
  tables.signingKeys.put(copyOf(successor))
  return true
}
