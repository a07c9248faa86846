import assert from 'node:assert/strict'
import type { PageQuery, RecordStore } from '@countersign/core/plugin'
import type { RecordKind } from './kinds.ts'
import type { SharedCase } from './shared.ts'
import { prepare } from './shared.ts'
import type { World } from './world.ts'

/** Ties, both cases, a prefix of another, an accent, and two that UTF-16 would put the other way round. */
const NAMES = ['b', 'a', 'a', 'a', 'B', 'ab', 'é', '\u{1f600}', '\uff5e']

const LIMITS = [1, 2, 3, 8, 9, 100]

/** What every list does. */
export const pageCases: readonly SharedCase[] = [
  {
    words: 'page MUST show each matching row once, whatever `limit` cuts it into',
    async run(world, kind) {
      const { store, filter, rows } = await fill(world, kind)
      const expected = idsOf(rows).sort()
      for (const order of kind.orders)
        for (const limit of LIMITS) {
          const shown = await readAll(store, { filter, order, limit })
          assert.deepEqual(idsOf(shown).sort(), expected, `by ${order}, ${limit} at a time`)
        }
    },
  },
  {
    words: 'page MUST show rows in order: names by code point, ties by id',
    async run(world, kind) {
      const { store, filter, rows } = await fill(world, kind)
      for (const order of kind.orders) {
        const nameOf = order === 'id' ? () => '' : kind.nameOf
        const expected = [...rows].sort(
          (one, other) => compare(nameOf(one), nameOf(other)) || compare(one.id, other.id),
        )
        for (const limit of LIMITS) {
          const shown = await readAll(store, { filter, order, limit })
          assert.deepEqual(shown, expected, `by ${order}, ${limit} at a time`)
        }
      }
    },
  },
  {
    words: 'page MUST show at most `limit` rows, and name no next page behind the last one',
    async run(world, kind) {
      const { store, filter, rows } = await fill(world, kind)
      const part = await store.page({ filter, order: 'id', limit: rows.length - 1 })
      assert.equal(part.rows.length, rows.length - 1)
      assert.notEqual(part.next, undefined)
      const whole = await store.page({ filter, order: 'id', limit: rows.length })
      assert.equal(whole.rows.length, rows.length)
      assert.equal(whole.next, undefined)
    },
  },
  {
    words: 'page MUST skip `offset` rows',
    async run(world, kind) {
      const { store, filter, rows } = await fill(world, kind)
      const ids = idsOf(rows).sort()
      const { rows: shown, next } = await store.page({ filter, order: 'id', limit: 3, offset: 4 })
      assert.deepEqual(idsOf(shown), ids.slice(4, 7))
      const after = await store.page({
        filter,
        order: 'id',
        limit: 3,
        ...(next && { after: next }),
      })
      assert.deepEqual(idsOf(after.rows), ids.slice(7))
      const beyond = await store.page({ filter, order: 'id', limit: 3, offset: 9 })
      assert.deepEqual(beyond, { rows: [] })
    },
  },
  {
    words: 'page MUST answer how many rows match in all where `count` asks, and nothing otherwise',
    async run(world, kind) {
      const { store, filter, rows } = await fill(world, kind)
      const total = rows.length
      for (const order of kind.orders) {
        const query = { filter, order, limit: 4, count: true } as const
        const first = await store.page(query)
        assert.deepEqual([first.rows.length, first.total], [4, total])
        const after = await store.page({ ...query, ...(first.next && { after: first.next }) })
        assert.deepEqual([after.rows.length, after.total], [4, total])
        const last = await store.page({ ...query, offset: total - 1 })
        assert.deepEqual([last.rows.length, last.total], [1, total])
        assert.deepEqual(await store.page({ ...query, offset: total }), { rows: [], total })
      }
      assert.equal((await store.page({ filter, order: 'id', limit: 4 })).total, undefined)
    },
  },
]

interface Identified {
  readonly id: string
}

async function fill<Row extends Identified, Key extends readonly string[], Filter>(
  world: World,
  kind: RecordKind<Row, Key, Filter>,
) {
  const { store, make } = await prepare(world, kind)
  const rows = NAMES.map((name) => make(name))
  // The newest first, so that no order comes about by itself.
  for (const row of [...rows].reverse()) assert.equal(await store.insert(row, []), true)
  return { store, rows, filter: kind.filterOf(make('any')) }
}

async function readAll<Row, Key extends readonly string[], Filter>(
  store: RecordStore<Row, Key, Filter>,
  query: PageQuery<Filter>,
): Promise<readonly Row[]> {
  const shown: Row[] = []
  let page = await store.page(query)
  shown.push(...page.rows)
  while (page.next !== undefined && shown.length <= 2 * NAMES.length) {
    page = await store.page({ ...query, after: page.next })
    shown.push(...page.rows)
  }
  return shown
}

function idsOf(rows: readonly Identified[]): string[] {
  return rows.map(({ id }) => id)
}

/** UTF-8 keeps the order of code points. */
function compare(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
