import type { KeyStore, StoredKeyRing, StoredSigningKey } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { does, readOne } from '../db.ts'
import type { SigningKeyAnswer } from '../records.ts'
import { fromEvents, toSigningKey } from '../records.ts'
import type { Value } from '../statement.ts'
import * as statements from '../statements/signing-keys.ts'

/** Creates the store of signing keys; the ring changes seldom, and whoever changes it holds all of it. */
export function createSigningKeys(db: Db): KeyStore {
  const holding = <T>(change: (held: Db) => Promise<T>): Promise<T> =>
    db.atomic(async (held) => {
      await held.ask(statements.holdKeys, [])
      return change(held)
    })

  return {
    async ensure(key, events) {
      const standing = (await readRing(db)).keys.at(-1)
      if (standing !== undefined) return standing
      await holding((held) =>
        held.ask(statements.insertFirstKey, [...valuesOf(key), fromEvents(events)]),
      )
      return (await readRing(db)).keys.at(-1) ?? key
    },
    list: () => readRing(db),
    succeed: ({ kid, successor, retiresAt }, events) =>
      holding((held) =>
        does(held, statements.insertNextKey, [
          ...valuesOf(successor),
          fromEvents(events),
          kid,
          retiresAt.getTime(),
        ]),
      ),
    reseal: ({ kid, from, to }) => does(db, statements.resealKey, [kid, from, to]),
    remove: (kid, events) =>
      holding((held) => does(held, statements.removeKey, [kid, fromEvents(events)])),
  }
}

/** Forgets retired keys, at most `limit`, and answers how many. */
export async function sweepKeys(db: Db, now: Date, limit: number): Promise<number> {
  if (!(await does(db, statements.findRetiredKey, [now.getTime()]))) return 0
  return db.atomic(async (held) => {
    await held.ask(statements.holdKeys, [])
    return (await held.ask(statements.sweepKeys, [now.getTime(), limit])).length
  })
}

interface RingAnswer {
  readonly revision: number
  readonly keys: readonly SigningKeyAnswer[]
}

async function readRing(db: Db): Promise<StoredKeyRing> {
  const ring = await readOne<RingAnswer>(db, statements.findKeys, [])
  if (ring === undefined) throw new Error('The row of the deployment is missing')
  return { revision: ring.revision, keys: ring.keys.map(toSigningKey) }
}

function valuesOf(key: StoredSigningKey): readonly Value[] {
  const { sealed, supersededAt, retiresAt, ...record } = key
  return [
    key.kid,
    key.activeFrom.getTime(),
    sealed,
    supersededAt?.getTime(),
    retiresAt?.getTime(),
    JSON.stringify(record),
  ]
}
