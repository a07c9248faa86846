import { assumeReferences } from './assume-references.ts'
import type { Box, BoxContext } from './box.ts'
import { toBox } from './box.ts'
import type { CompiledPermissions } from './compile-rules.ts'
import type { Request } from './decide.ts'
import { decide } from './decide.ts'
import type { Facet, HeldRule } from './facet.ts'
import { indexByWord, listFacets } from './facet.ts'
import { mayMeet } from './hint.ts'
import type { Point, Region, Search } from './region.ts'
import { covers, everyRequest, findPoint, isEmptyRegion, meet, repeats } from './region.ts'
import type { SearchBudget } from './search-budget.ts'
import { createSearchBudget } from './search-budget.ts'
import type { Space } from './space.ts'
import { createSpace } from './space.ts'

/** One request that the other may make and the caller may not. */
export interface Witness {
  readonly request: Request
  /** When: at once, or when a window of either side opens or ends. */
  readonly at: Date
  /** What the other's references would have to stand for, where nothing is known of them. */
  readonly assuming?: Readonly<Record<string, string>>
}

/** What is allowed to the other and not, or not certainly, to the caller. */
export interface Exceeding {
  /** The permission, or the wildcard that includes actions to come. */
  readonly permission: string
  /** A proof; absent where the comparison can only not rule it out. */
  readonly witness?: Witness
}

/**
 * Compares what two principals may do, from an instant on.
 *
 * `undefined` is a proof that every request which `theirs` allows is allowed by `mine`, now and later. Otherwise there is
 * a witness, which has been decided on both sides, or none where only words decide (a wildcard includes what will be
 * added) or the comparison was too large. References of theirs that stand for nothing count as any value.
 */
export function exceeds(
  mine: CompiledPermissions,
  theirs: CompiledPermissions,
  now: Date,
): Exceeding | undefined {
  const comparison = openComparison(mine, theirs, now)
  let doubt: Exceeding | undefined
  for (const facet of listFacets(mine.vocabulary, mine, theirs)) {
    const found = compareFacet(comparison, facet)
    if (found?.witness !== undefined) return found
    doubt ??= found
  }
  return doubt
}

interface Comparison {
  readonly mine: CompiledPermissions
  readonly theirs: CompiledPermissions
  readonly myRules: ReadonlyMap<string, readonly HeldRule[]>
  readonly theirRules: ReadonlyMap<string, readonly HeldRule[]>
  readonly space: Space
  readonly budget: SearchBudget
}

interface Boxes {
  readonly allows: readonly Box[]
  readonly denies: readonly Box[]
}

function openComparison(
  mine: CompiledPermissions,
  theirs: CompiledPermissions,
  now: Date,
): Comparison {
  return {
    mine,
    theirs,
    myRules: indexByWord(mine),
    theirRules: indexByWord(theirs),
    space: createSpace([mine, theirs], now),
    budget: createSearchBudget(),
  }
}

function compareFacet(comparison: Comparison, facet: Facet): Exceeding | undefined {
  const { mine, theirs, space, budget } = comparison
  const context = { facet, space }
  const my = boxesOf(comparison.myRules, {
    ...context,
    references: mine.references,
    reading: 'as decided',
  })
  const their = boxesOf(comparison.theirRules, {
    ...context,
    references: theirs.references,
    reading: 'any value',
  })
  let doubt: Exceeding | undefined
  for (const allow of their.allows) {
    const point = findExcess(allow, my, their, { facet, space, budget })
    if (point === 'none') continue
    const witness = point === 'unknown' ? undefined : toWitness(comparison, facet, allow, point)
    const found = { permission: facet.name, ...(witness && { witness }) }
    if (witness !== undefined) return found
    doubt ??= found
  }
  return doubt
}

function boxesOf(rules: Comparison['myRules'], context: BoxContext): Boxes {
  const about = new Set(context.facet.words.flatMap((word) => rules.get(word) ?? []))
  const boxes = [...about].flatMap((source) => toBox(source, context) ?? [])
  return {
    allows: boxes.filter(({ effect }) => effect === 'allow'),
    denies: boxes.filter(({ effect }) => effect === 'deny'),
  }
}

/** Finds what one of their rules allows beyond mine: what none of mine allows, or what one of mine denies. */
function findExcess(
  allow: Box,
  my: Boxes,
  their: Boxes,
  search: Search,
): Point | 'none' | 'unknown' {
  const { facet, space, budget } = search
  const region = meet(everyRequest(facet, space), allow)
  if (isEmptyRegion(region, budget)) return 'none'
  const touching = (boxes: readonly Box[]): readonly Box[] =>
    boxes.filter((box) => mayMeet(allow, box) && !isEmptyRegion(meet(region, box), budget))
  const denied = touching(their.denies)
  const beyond = findBeyond(allow, region, { allows: my.allows, denies: denied }, search)
  if (typeof beyond !== 'string') return beyond
  let isSure = beyond === 'none'
  for (const deny of touching(my.denies)) {
    if (denied.some((box) => repeats(box, deny))) continue
    const point = findPoint(meet(region, deny), denied, search)
    if (typeof point !== 'string') return point
    if (point === 'unknown') isSure = false
  }
  return isSure ? 'none' : 'unknown'
}

function findBeyond(
  allow: Box,
  region: Region,
  { allows, denies }: Boxes,
  search: Search,
): Point | 'none' | 'unknown' {
  const { budget } = search
  if (allows.some((box) => repeats(box, allow))) return 'none'
  const touching = allows.filter(
    (box) => mayMeet(allow, box) && !isEmptyRegion(meet(region, box), budget),
  )
  if (touching.some((box) => covers(box, region, budget))) return 'none'
  return findPoint(region, [...denies, ...touching], search)
}

/** A request is a witness only once both sides have decided it. */
function toWitness(
  { mine, theirs }: Comparison,
  { name, isDeclared }: Facet,
  allow: Box,
  { scope, at, attributes }: Point,
): Witness | undefined {
  if (!isDeclared) return undefined
  const assuming = assumeReferences(theirs, allow.source.rule, attributes)
  const references = new Map([...theirs.references, ...Object.entries(assuming)])
  const request: Request = { permission: name, scope, attributes }
  const instant = new Date(at)
  if (!decide({ ...theirs, references }, request, instant).allowed) return undefined
  if (decide(mine, request, instant).allowed) return undefined
  const isAssuming = Object.keys(assuming).length > 0
  return { request, at: instant, ...(isAssuming && { assuming: { ...assuming } }) }
}
