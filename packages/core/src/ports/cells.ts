import type { Identity } from '../model/identity.ts'
import type { Cell } from '../model/permission/cell.ts'
import type { Holding } from '../model/role.ts'
import type { Subject } from '../model/role-binding.ts'
import type { Invalidation } from './channel.ts'

/** When a question was asked, and how many were asked before it. */
export interface Asked {
  readonly at: number
  readonly order: number
}

/** The cells of one node: one for each subject of whom somebody has a handle, or an answer that is remembered. */
export interface Cells {
  /** Counts a question to the authority: answers are kept in the order in which they were asked for. */
  ask(): Asked
  /** Brings the cell of a subject up to an answer of the authority. */
  learn(organization: string, holding: Holding, asked: Asked): Cell
  /** The cell of an identity, known by the very record that the authority answered. */
  of(identity: Identity): Cell | undefined
  /** Asks the authority about a subject. */
  read(organization: string, subject: Subject): Promise<Cell>
  /** Asks again about every subject that a change of this node concerns; resolves when its handles answer by it. */
  reload(invalidation: Invalidation): Promise<void>
  /** Marks what another node's change concerns. */
  forget(invalidation: Invalidation): void
}
