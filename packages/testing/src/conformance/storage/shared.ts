import type { RecordStore } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import type { MakeRow, RecordKind } from './kinds.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** A rule of the stores of records, for every kind of record that it applies to. */
export interface SharedCase {
  readonly words: string
  run<Row extends { readonly id: string }, Key extends readonly string[], Filter>(
    world: World,
    kind: RecordKind<Row, Key, Filter>,
  ): Promise<void>
}

/** A store whose records have all that they belong to. */
export interface Prepared<Row, Key extends readonly string[], Filter> {
  readonly store: RecordStore<Row, Key, Filter>
  readonly make: MakeRow<Row>
}

/** Stores what records of a kind belong to. */
export async function prepare<Row, Key extends readonly string[], Filter>(
  world: World,
  kind: RecordKind<Row, Key, Filter>,
): Promise<Prepared<Row, Key, Filter>> {
  return { store: kind.storeOf(world.storage), make: await kind.prepare(world) }
}

/** Turns rules into cases about one kind of record. */
export function casesOf<Row extends { readonly id: string }, Key extends readonly string[], Filter>(
  kind: RecordKind<Row, Key, Filter>,
  shared: readonly SharedCase[],
): readonly Case<StorageSubject>[] {
  return shared.map(({ words, run }) =>
    storageCase(`${kind.name}.${words}`, (world) => run(world, kind)),
  )
}
