import type { Page } from '@countersign/core'

/** The most rows that the engine answers at once. */
const LIMIT = 100

/** What of a list is wanted: of the rows that count, some are left out and some are answered. */
export interface Wanted<Item> {
  readonly offset: number
  readonly limit: number
  readonly keep?: (item: Item) => boolean
}

/** Collects as many rows as a client asks for, page by page as the engine shows them. */
export async function collect<Item>(
  ask: (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Item>>,
  { offset, limit, keep = () => true }: Wanted<Item>,
): Promise<readonly Item[]> {
  const found: Item[] = []
  let cursor: string | undefined
  do {
    const page = await ask({ limit: LIMIT, ...(cursor !== undefined && { cursor }) })
    found.push(...page.items.filter(keep))
    cursor = page.cursor
  } while (cursor !== undefined && found.length < offset + limit)
  return found.slice(offset, offset + limit)
}
