import type { Subject } from '../model/role-binding.ts'
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

function nameOf({ kind, id }: Subject): string {
  return `${kind} ${id}`
}
