import type { PageOf, PagePosition, PageQuery } from '../plugin.ts'

/** Compares by code point, as databases do with UTF-8; JavaScript's own order is by UTF-16 code unit. */
export function compareText(one: string, other: string): number {
  const length = Math.min(one.length, other.length)
  for (let index = 0; index < length; index += 1) {
    const difference = rankOf(one.charCodeAt(index)) - rankOf(other.charCodeAt(index))
    if (difference !== 0) return difference
  }
  return one.length - other.length
}

/** Cuts one page out of rows in any order; `place` says where a row stands in the order that was asked for. */
export function pageOf<Row, Filter>(
  rows: Iterable<Row>,
  { limit, after, offset = 0, count }: PageQuery<Filter>,
  place: (row: Row) => PagePosition,
): PageOf<Row> {
  const end = offset + limit
  const first: Placed<Row>[] = []
  let total = 0
  for (const row of rows) {
    total += 1
    const position = place(row)
    if (after !== undefined && comparePositions(position, after) <= 0) continue
    insertInOrder(first, { row, position })
    if (first.length > end + 1) first.pop()
  }
  const page = first.slice(offset, end)
  const last = page.at(-1)
  return {
    rows: page.map(({ row }) => row),
    ...(last !== undefined && first.length > end && { next: last.position }),
    ...(count && { total }),
  }
}

interface Placed<Row> {
  readonly row: Row
  readonly position: PagePosition
}

function insertInOrder<Row>(placed: Placed<Row>[], added: Placed<Row>): void {
  let low = 0
  let high = placed.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const before = placed[middle]
    if (before !== undefined && comparePositions(before.position, added.position) < 0)
      low = middle + 1
    else high = middle
  }
  placed.splice(low, 0, added)
}

function comparePositions(one: PagePosition, other: PagePosition): number {
  return compareText(one.value, other.value) || compareText(one.id, other.id)
}

/** Surrogates stand for what is above everything else in the basic plane. */
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}
