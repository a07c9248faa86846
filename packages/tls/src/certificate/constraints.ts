import type { GeneralName, GeneralSubtree, NameConstraints } from 'pkijs'
import { directoryOf, Unreadable } from './names.ts'

/** The trees of names that an authority may certify in, or must not (RFC 5280, 4.2.1.10). */
export interface Constraints {
  readonly permitted: Trees
  readonly excluded: Trees
  /** Whether there are trees of kinds that nothing here understands. */
  readonly others: boolean
}

/** Trees by the kind of name that they hold. */
export interface Trees {
  readonly dnsNames: readonly string[]
  readonly emails: readonly string[]
  readonly uris: readonly string[]
  /** An address and its mask. */
  readonly ipAddresses: readonly Uint8Array[]
  readonly directories: readonly (readonly string[])[]
}

/** Reads name constraints. */
export function readConstraints({
  permittedSubtrees = [],
  excludedSubtrees = [],
}: NameConstraints): Constraints {
  const all = [...permittedSubtrees, ...excludedSubtrees]
  return {
    permitted: readTrees(permittedSubtrees),
    excluded: readTrees(excludedSubtrees),
    others: all.some((tree) => !KINDS.includes(tree.base.type) || isBounded(tree)),
  }
}

const KINDS: readonly number[] = [1, 2, 4, 6, 7]

/** RFC 5280: the minimum is 0, and there is no maximum. */
function isBounded({ minimum, maximum }: GeneralSubtree): boolean {
  return minimum !== 0 || maximum !== undefined
}

function readTrees(trees: readonly GeneralSubtree[]): Trees {
  const of = (kind: number): readonly GeneralName[] =>
    trees.map(({ base }) => base).filter(({ type }) => type === kind)
  return {
    emails: of(1).map(toDomain),
    dnsNames: of(2).map(toDomain),
    directories: of(4).map(({ value }) => directoryOf(value.typesAndValues)),
    uris: of(6).map(toDomain),
    ipAddresses: of(7).map(toMasked),
  }
}

function toDomain({ value }: GeneralName): string {
  if (typeof value !== 'string' || !/^[\x21-\x7e]{0,253}$/.test(value)) throw new Unreadable()
  const at = value.lastIndexOf('@')
  return value.slice(0, at + 1) + value.slice(at + 1).toLowerCase()
}

function toMasked({ value }: GeneralName): Uint8Array {
  const bytes = new Uint8Array(value.valueBlock.valueHexView as Uint8Array)
  if (bytes.length !== 8 && bytes.length !== 32) throw new Unreadable()
  return bytes
}
