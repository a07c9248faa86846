import { invalidRequest } from '../../errors.ts'
import type { PageInput } from '../../input/page.ts'
import { fromBase64Url, fromUtf8, toBase64Url, toUtf8 } from '../../lib/bytes.ts'
import { fingerprint } from '../../lib/fingerprint.ts'
import type { PageOf, PagePosition, PageQuery } from '../../ports/record-store.ts'

/** One page of a list. `cursor` asks for the next one, and is absent on the last. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly cursor?: string
}

/** Rows on a page that says nothing else. */
const DEFAULT_LIMIT = 100

/**
 * Shows one page of a list. A cursor is bound to the list, the tenant and the filters it came from: with any other it
 * is `invalid_request`.
 */
export async function pageOf<Row, Filter extends object>(
  list: string,
  { page }: { page(query: PageQuery<Filter>): Promise<PageOf<Row>> },
  { order = 'id', limit = DEFAULT_LIMIT, offset, cursor }: PageInput,
  filter: Filter,
): Promise<Page<Row>> {
  const binding = fingerprint({ list, order, filter })
  const after = cursor === undefined ? undefined : fromCursor(cursor, binding)
  const { rows, next } = await page({
    filter,
    order,
    limit,
    ...(after !== undefined && { after }),
    ...(offset !== undefined && { offset }),
  })
  return { items: rows, ...(next !== undefined && { cursor: toCursor(next, binding) }) }
}

function toCursor({ value, id }: PagePosition, binding: string): string {
  return toBase64Url(toUtf8(JSON.stringify([binding, value, id])))
}

function fromCursor(cursor: string, binding: string): PagePosition {
  const parts = partsOf(cursor)
  if (parts === undefined || parts[0] !== binding)
    throw invalidRequest('cursor must come from this very list')
  return { value: parts[1], id: parts[2] }
}

function partsOf(cursor: string): readonly [string, string, string] | undefined {
  const bytes = fromBase64Url(cursor)
  const text = bytes === undefined ? undefined : fromUtf8(bytes)
  if (text === undefined || !/^\["[^"]*",".*",".*"\]$/s.test(text)) return undefined
  try {
    const parts: unknown = JSON.parse(text)
    return isThreeTexts(parts) ? parts : undefined
  } catch {
    return undefined
  }
}

function isThreeTexts(value: unknown): value is readonly [string, string, string] {
  return (
    Array.isArray(value) && value.length === 3 && value.every((part) => typeof part === 'string')
  )
}
