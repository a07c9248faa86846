import type { KeyStore } from '../plugin.ts'
import { copyOf } from './copy.ts'
import { oneOf } from './table.ts'
import type { Tables } from './tables.ts'

/** Creates the store of signing keys. */
export function createSigningKeys({ signingKeys, journal }: Tables): KeyStore {
  return {
    async ensure(key, events) {
      const stored = oneOf(signingKeys.all())
      if (stored !== undefined) return copyOf(stored)
      signingKeys.put(copyOf(key))
      journal.append(events)
      return copyOf(key)
    },
    list: async () => copyOf([...signingKeys.all()]),
  }
}
