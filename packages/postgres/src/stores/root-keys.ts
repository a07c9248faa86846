import type { RootKeyStore, RootKeyUse } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { readAll } from '../db.ts'
import { fromEvents } from '../records.ts'
import { findRootKeyUses, retireRootKey } from '../statements/root-keys.ts'

/** Creates the store that knows which root key each digest was made with. */
export function createRootKeys(db: Db): RootKeyStore {
  return {
    uses: (now) => readAll<RootKeyUse>(db, findRootKeyUses, [now.getTime()]),
    async retire({ rootKey, revocation, until }, events) {
      const [ended] = await db.ask(retireRootKey, [
        revocation.at.getTime(),
        rootKey,
        JSON.stringify(revocation),
        until.getTime(),
        fromEvents(events),
      ])
      return Number(ended)
    },
  }
}
