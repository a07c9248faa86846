import type { Event } from '@countersign/core/plugin'
import { mintId } from '@countersign/core/plugin'
import type { PostgresPool } from '../client.ts'
import type { Db } from '../db.ts'
import { readOne } from '../db.ts'
import type { SchemaOptions } from '../migrations/check-schema.ts'
import { assertSchema, DEFAULT_SCHEMA } from '../migrations/check-schema.ts'
import { openDb } from '../open-db.ts'
import { assertSchemaName } from '../statement.ts'
import { exhaustCredentials, raiseEpoch } from '../statements/restore.ts'
import { createStores } from '../stores/stores.ts'
import type { Takings } from './read-takings.ts'
import { readTakings } from './read-takings.ts'
import { retake } from './retake.ts'

/** What is known about the time between a backup and its restore. */
export interface RestoredOptions extends SchemaOptions {
  /** The lines of an event sink's file: what was taken away since the backup is taken away again. */
  readonly events?: AsyncIterable<string>
  /** Leaves limited secrets and static tokens the uses that the backup says they had left. */
  readonly keepUses?: boolean
}

/** What `restored` did. */
export interface Restored {
  /** The epoch that begins: tokens of an earlier one open nothing. */
  readonly epoch: number
  /** How many limited secrets and static tokens were used up. */
  readonly exhausted: number
  /** How many events took something away again. */
  readonly retaken: number
}

/** However large a deployment is, this is one transaction. */
const PATIENCE = 600

/**
 * Tells a deployment that its records were restored from a backup, or that a standby took over which may lack the last of
 * them. In one transaction every access token so far is refused from now on, whatever is limited counts as used up, and
 * what the events of a sink took away is taken away again. Run it before the first node starts.
 */
export async function restored(
  pool: PostgresPool,
  options: RestoredOptions = {},
): Promise<Restored> {
  const { schema = DEFAULT_SCHEMA, events = nothing(), keepUses = false } = options
  assertSchemaName(schema)
  const takings = await readTakings(events)
  const { db, close } = openDb(pool, { schema, prepare: false, timeout: PATIENCE })
  try {
    await assertSchema(db, schema)
    return await db.transact((tx) => restore(tx, schema, takings, keepUses))
  } finally {
    close()
  }
}

interface RaisedAnswer {
  readonly epoch: number
  readonly now: number
  readonly entropy: string
}

async function restore(
  db: Db,
  schema: string,
  takings: Takings,
  keepUses: boolean,
): Promise<Restored> {
  const raised = await readOne<RaisedAnswer>(db, raiseEpoch, [takings.epoch])
  if (raised === undefined) throw new Error('The row of the deployment is missing')
  const { epoch } = raised
  const stores = { ...createStores(db, schema), db, now: new Date(raised.now) }
  let retaken = 0
  for (const event of takings.events) if (await retake(stores, event)) retaken += 1
  const [spent] = keepUses ? ['0'] : await db.ask(exhaustCredentials, [raised.now])
  const exhausted = Number(spent)
  const details = { epoch, exhausted, retaken, ...(keepUses && { keptUses: true }) }
  await stores.outbox.append([eventOf(raised, schema, details)])
  return { epoch, exhausted, retaken }
}

function eventOf({ now, entropy }: RaisedAnswer, id: string, details: Event['details']): Event {
  const bytes = Uint8Array.from(entropy.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const at = new Date(now)
  return {
    v: 1,
    id: mintId('evt', at, (size) => bytes.subarray(0, size)),
    type: 'storage.restored',
    at,
    actor: { kind: 'host', label: 'countersign-postgres restored' },
    target: { kind: 'storage', id },
    ...(details !== undefined && { details }),
  }
}

async function* nothing(): AsyncGenerator<string> {}
