import type { PageOf, PagePosition, PageQuery } from '../ports/record-store.ts'

/** Rows asked for at once. */
const LIMIT = 100

/** Every row that a filter selects, by id, read page by page. */
export async function* pagesOf<Row, Filter>(
  store: { page(query: PageQuery<Filter>): Promise<PageOf<Row>> },
  filter: Filter,
): AsyncIterable<Row> {
  let after: PagePosition | undefined
  do {
    const query = { filter, order: 'id', limit: LIMIT, ...(after && { after }) } as const
    const { rows, next } = await store.page(query)
    yield* rows
    after = next
  } while (after !== undefined)
}
