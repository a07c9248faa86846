import type { Scope } from '../scope.ts'
import type { CompiledPermissions, HeldRules } from './compile-rules.ts'
import { allHeld } from './compile-rules.ts'

/**
 * The scopes and instants that matter to some permissions: within one cell, every rule behaves alike.
 *
 * A set of cells is a row of bits.
 */
export interface Space {
  readonly scopes: readonly Scope[]
  readonly instants: readonly number[]
}

/** Lists the cells from an instant on: every scope that is named, one project that is not, every change of a window. */
export function createSpace(all: readonly CompiledPermissions[], now: Date): Space {
  const held = all.flatMap(allHeld)
  const changes = held.flatMap(({ opensAt, endsAt }) => [opensAt, endsAt])
  const later = changes.filter((at) => Number.isFinite(at) && at > now.getTime())
  const instants = [...new Set([now.getTime(), ...later])].sort((a, b) => a - b)
  return { scopes: listScopes(held), instants }
}

/** The same, at that instant alone. */
export function createSpaceNow(compiled: CompiledPermissions, now: Date): Space {
  return { scopes: listScopes(allHeld(compiled)), instants: [now.getTime()] }
}

/** One scope at one instant. */
export function createSpaceOf(scope: Scope, now: Date): Space {
  return { scopes: [scope], instants: [now.getTime()] }
}

function listScopes(held: readonly HeldRules[]): readonly Scope[] {
  const organizations = new Set(held.map(({ scope }) => scope.organization))
  return [...organizations].flatMap((organization) => {
    const named = held.filter(({ scope }) => scope.organization === organization)
    const projects = new Set(named.flatMap(({ scope }) => scope.project ?? []))
    projects.add(nameOfAnother(projects))
    return [{ organization }, ...[...projects].map((project) => ({ organization, project }))]
  })
}

/** The scopes in which bound rules reach. */
export function scopesOf({ scope: bound }: HeldRules, { scopes }: Space): bigint {
  return bitsWhere(
    scopes,
    ({ organization, project }) =>
      organization === bound.organization &&
      (bound.project === undefined || bound.project === project),
  )
}

/** The instants at which bound rules apply. */
export function instantsOf({ opensAt, endsAt }: HeldRules, { instants }: Space): bigint {
  return bitsWhere(instants, (at) => at >= opensAt && at < endsAt)
}

/** The cells for which something holds. */
export function bitsWhere<Cell>(cells: readonly Cell[], test: (cell: Cell) => boolean): bigint {
  return cells.reduce((bits, cell, at) => (test(cell) ? bits | (1n << BigInt(at)) : bits), 0n)
}

/** The first cell of a set. */
export function firstOf<Cell>(cells: readonly Cell[], bits: bigint): Cell | undefined {
  return cells.find((_, at) => (bits & (1n << BigInt(at))) !== 0n)
}

function nameOfAnother(projects: ReadonlySet<string>): string {
  let name = 'another-project'
  while (projects.has(name)) name += '-'
  return name
}
