import type { Subject } from '../../model/role-binding.ts'
import type { PageOf, PagePosition, PageQuery } from '../../ports/record-store.ts'
import type { Desk } from './command.ts'

/** Subjects asked about in one question. */
const BATCH = 100

/** Tells, of some subjects, who holds no more than the actor. */
export async function coveredAmong(
  { storage, boundary }: Pick<Desk, 'storage' | 'boundary'>,
  organization: string,
  subjects: readonly Subject[],
): Promise<(subject: Subject) => boolean> {
  if (!boundary.isBounded) return () => true
  const unique = [...new Map(subjects.map((subject) => [nameOf(subject), subject])).values()]
  const covered = new Set<string>()
  for (let from = 0; from < unique.length; from += BATCH) {
    const batch = unique.slice(from, from + BATCH)
    for (const holding of await storage.roleBindings.heldBy(organization, batch))
      if (boundary.isOneself(holding.subject) || boundary.covers(holding))
        covered.add(nameOf(holding.subject))
  }
  return (subject) => covered.has(nameOf(subject))
}

/** What a list is read from. */
interface Paged<Row, Filter> {
  page(query: PageQuery<Filter>): Promise<PageOf<Row>>
}

/** Pages through those rows alone whose subject holds no more than the actor: nothing on a page, in its cursor or its offset tells of others. */
export function onlyCovered<Row extends { readonly id: string; readonly name?: string }, Filter>(
  desk: Pick<Desk, 'storage' | 'boundary'>,
  organization: string,
  all: Paged<Row, Filter>,
  subjectOf: (row: Row) => Subject,
): Paged<Row, Filter> {
  if (!desk.boundary.isBounded) return all
  return {
    async page({ offset = 0, limit, ...query }) {
      const covered: Row[] = []
      let place: PagePosition | undefined
      do {
        const batch = { ...query, limit: BATCH, ...(place !== undefined && { after: place }) }
        const { rows, next } = await all.page(batch)
        const isCovered = await coveredAmong(desk, organization, rows.map(subjectOf))
        covered.push(...rows.filter((row) => isCovered(subjectOf(row))))
        place = next
      } while (place !== undefined && covered.length <= offset + limit)
      const rows = covered.slice(offset, offset + limit)
      const last = rows.at(-1)
      if (last === undefined || covered.length <= offset + limit) return { rows }
      const value = query.order === 'name' ? (last.name ?? '') : last.id
      return { rows, next: { value, id: last.id } }
    },
  }
}

function nameOf({ kind, id }: Subject): string {
  return `${kind} ${id}`
}
