import type { DirectoryList, DirectorySearch } from '../../input/directory.ts'
import { defined } from '../../lib/defined.ts'
import type { Identity } from '../../model/identity.ts'
import type { Holding } from '../../model/role.ts'
import type { Scope } from '../../model/scope.ts'
import { pagesOf } from '../pages.ts'
import type { Desk } from './command.ts'

/** An identity that is there, and all that it holds. */
export interface Candidate extends Holding {
  readonly identity: Identity
}

/** Identities asked about in one question. */
const BATCH = 100

/** Everybody of an organization, or everybody who belongs to one project or holds something there. */
export async function findCandidates(
  { storage }: Pick<Desk, 'storage'>,
  { organization, project }: Scope,
): Promise<readonly Candidate[]> {
  const ids = new Set<string>()
  const belonging = { organization, ...defined({ project }) }
  for await (const { id } of pagesOf(storage.identities, belonging)) ids.add(id)
  if (project !== undefined)
    for await (const { subject } of pagesOf(storage.roleBindings, { organization, project }))
      if (subject.kind === 'identity') ids.add(subject.id)
  const subjects = [...ids].map((id) => ({ kind: 'identity', id }) as const)
  const found: Candidate[] = []
  for (let from = 0; from < subjects.length; from += BATCH) {
    const batch = subjects.slice(from, from + BATCH)
    for (const { identity, ...holding } of await storage.roleBindings.heldBy(organization, batch))
      if (identity !== undefined) found.push({ ...holding, identity })
  }
  return found
}

/** Tells whether one of several searches finds an identity; none finds everybody. */
export function matchesSearch(
  candidate: Candidate,
  scope: Scope,
  search: readonly DirectorySearch[],
): boolean {
  return search.length === 0 || search.some((one) => matches(candidate, scope, one))
}

function matches(
  candidate: Candidate,
  scope: Scope,
  { names, nameContains, roles }: DirectorySearch,
): boolean {
  const { name } = candidate.identity
  if (names !== undefined && !names.includes(name)) return false
  if (nameContains !== undefined && !name.toLowerCase().includes(nameContains.toLowerCase()))
    return false
  const held = roles === undefined ? [] : slugsIn(candidate, scope)
  return roles === undefined || held.some((slug) => roles.includes(slug))
}

/** Puts identities in the order that was asked for; ties by id. */
export function sorted(
  candidates: readonly Candidate[],
  scope: Scope,
  { order = 'name', descending = false }: Pick<DirectoryList, 'order' | 'descending'>,
): readonly Candidate[] {
  const keyOf = (candidate: Candidate): string =>
    order === 'name' ? candidate.identity.name : (slugsIn(candidate, scope)[0] ?? '')
  const keyed = candidates.map((candidate) => ({ candidate, key: keyOf(candidate) }))
  const sign = descending ? -1 : 1
  return keyed
    .toSorted((a, b) => sign * compare(a.key, b.key) || compare(idOf(a), idOf(b)))
    .map(({ candidate }) => candidate)
}

function idOf({ candidate }: { readonly candidate: Candidate }): string {
  return candidate.identity.id
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function slugsIn({ bound }: Holding, { project }: Scope): readonly string[] {
  return bound
    .filter(({ binding }) => binding.project === project)
    .flatMap(({ binding, role }) => role?.slug ?? binding.role ?? [])
    .toSorted()
}
