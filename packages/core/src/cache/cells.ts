import { joinWithLengths } from '../lib/lengths.ts'
import type { Identity } from '../model/identity.ts'
import type { Cell } from '../model/permission/cell.ts'
import type { CompileBound } from '../model/permission/compile-bound.ts'
import { compileHolding } from '../model/permission/compile-bound.ts'
import type { CompiledPermissions } from '../model/permission/compile-rules.ts'
import type { Vocabulary } from '../model/permission/vocabulary.ts'
import type { BoundRole, Holding } from '../model/role.ts'
import type { Subject } from '../model/role-binding.ts'
import type { Asked, Cells } from '../ports/cells.ts'
import type { Invalidation } from '../ports/channel.ts'
import type { RoleBindingStore } from '../ports/role-binding-store.ts'

/** What cells are made from. */
export interface CellParts {
  readonly vocabulary: Vocabulary
  readonly compileBound: CompileBound
  readonly roleBindings: Pick<RoleBindingStore, 'heldBy'>
  readonly now: () => Date
}

/** Subjects asked about in one question. */
const BATCH = 500

/** Creates the cells of a node. It keeps none alive: who holds a handle does. */
export function createCells(parts: CellParts): Cells {
  const live = createLive()
  const byRecord = new WeakMap<Identity, LiveCell>()
  let order = 0

  function ask(): Asked {
    order += 1
    return { at: parts.now().getTime(), order }
  }

  function learn(organization: string, holding: Holding, asked: Asked): LiveCell {
    const key = keyOf(organization, holding.subject)
    const cell =
      live.find(key) ?? live.keep(key, new LiveCell(parts, organization, holding.subject))
    cell.update(holding, asked)
    if (holding.identity !== undefined) byRecord.set(holding.identity, cell)
    return cell
  }

  async function read(organization: string, subjects: readonly Subject[]): Promise<LiveCell[]> {
    const asked = ask()
    const holdings = await parts.roleBindings.heldBy(organization, subjects)
    return holdings.map((holding) => learn(organization, holding, asked))
  }

  const concerned = (invalidation: Invalidation): readonly LiveCell[] => {
    const subject = subjectOf(invalidation)
    if (subject === undefined) return live.all().filter((cell) => concerns(invalidation, cell))
    return [live.find(keyOf(subject.organization, subject)) ?? []].flat()
  }

  return {
    ask,
    learn,
    of: (identity) => byRecord.get(identity),
    async read(organization, subject) {
      const [cell] = await read(organization, [subject])
      if (cell === undefined) throw new TypeError('The storage answered no holding')
      return cell
    },
    async reload(invalidation) {
      const changed = concerned(invalidation)
      try {
        await readAll(changed, read)
      } catch (error) {
        // The change is made, and what it made of these cells could not be asked.
        for (const cell of changed) cell.mark()
        throw error
      }
    },
    forget(invalidation) {
      for (const cell of concerned(invalidation)) cell.mark()
    },
  }
}

/** Asks about the subjects of some cells, many in one question. */
async function readAll(
  cells: readonly LiveCell[],
  read: (organization: string, subjects: readonly Subject[]) => Promise<unknown>,
): Promise<void> {
  for (const [organization, subjects] of byOrganization(cells))
    for (let from = 0; from < subjects.length; from += BATCH)
      await read(organization, subjects.slice(from, from + BATCH))
}

/** The cells that somebody still holds. */
function createLive() {
  const cells = new Map<string, WeakRef<LiveCell>>()
  const buried = new FinalizationRegistry<string>((key) => {
    if (cells.get(key)?.deref() === undefined) cells.delete(key)
  })
  return {
    find: (key: string) => cells.get(key)?.deref(),
    keep(key: string, cell: LiveCell) {
      cells.set(key, new WeakRef(cell))
      buried.register(cell, key)
      return cell
    },
    all: () => [...cells.values()].flatMap((reference) => reference.deref() ?? []),
  }
}

/** A class, because an object with getters of its own is a dictionary to V8, and every look at it a search. */
class LiveCell implements Cell {
  readonly organization: string
  readonly subject: Subject
  askedAt = 0
  stale = false
  readonly #parts: CellParts
  #order = 0
  #holding: Holding
  #stamp: string | undefined
  #compiled: CompiledPermissions | undefined

  constructor(parts: CellParts, organization: string, subject: Subject) {
    this.#parts = parts
    this.organization = organization
    this.subject = subject
    this.#holding = { subject, bound: [] }
  }

  get compiled(): CompiledPermissions {
    const { vocabulary, compileBound } = this.#parts
    this.#compiled ??= compileHolding(vocabulary, compileBound, this.#holding)
    return this.#compiled
  }

  get bound(): readonly BoundRole[] {
    return this.#holding.bound
  }

  update(answered: Holding, { at, order }: Asked): void {
    // An answer that was asked for before another one may be older than it.
    if (order < this.#order) return
    this.#order = order
    this.askedAt = at
    this.stale = false
    this.#holding = answered
    const stamped = stampOf(answered)
    if (stamped !== this.#stamp) this.#compiled = undefined
    this.#stamp = stamped
  }

  mark(): void {
    this.stale = true
  }
}

/** Two answers of one stamp say the same: records change with their revision, and bindings never. */
function stampOf({ identity, bound }: Holding): string {
  const bindings = bound.map(({ binding, role }) => `${binding.id} ${role?.revision ?? ''}`)
  return [identity?.revision ?? '', ...bindings].join()
}

function keyOf(organization: string, { kind, id }: Subject): string {
  return joinWithLengths([organization, kind, id])
}

/** The one subject that an invalidation names, where it names one. */
function subjectOf(
  invalidation: Invalidation,
): (Subject & { readonly organization: string }) | undefined {
  const { kind } = invalidation
  return kind === 'identity' || kind === 'user' ? { ...invalidation, kind } : undefined
}

function concerns(invalidation: Invalidation, cell: LiveCell): boolean {
  switch (invalidation.kind) {
    case 'everything':
      return true
    case 'organization':
      return invalidation.id === cell.organization
    case 'role':
      return (
        invalidation.organization === cell.organization &&
        cell.bound.some(({ binding }) => binding.role === invalidation.id)
      )
    default:
      return false
  }
}

function byOrganization(cells: readonly LiveCell[]): ReadonlyMap<string, readonly Subject[]> {
  const groups = new Map<string, Subject[]>()
  for (const { organization, subject } of cells) {
    const group = groups.get(organization)
    if (group === undefined) groups.set(organization, [subject])
    else group.push(subject)
  }
  return groups
}
