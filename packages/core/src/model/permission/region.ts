import type { Scope } from '../scope.ts'
import type { Box } from './box.ts'
import type { Facet } from './facet.ts'
import type { SearchBudget } from './search-budget.ts'
import type { Space } from './space.ts'
import { bitsWhere, firstOf } from './space.ts'
import type { TextSet } from './text-set.ts'
import { everyText, findValue, isEmptySet, narrow, opposite } from './text-set.ts'
import { isAskedIn } from './vocabulary.ts'

/** A set of requests about one facet: every combination of its scopes, instants and values. */
export interface Region {
  readonly scopes: bigint
  readonly instants: bigint
  readonly texts: readonly TextSet[]
}

/** One request of a region. */
export interface Point {
  readonly scope: Scope
  readonly at: number
  readonly attributes: Readonly<Record<string, string>>
}

/** Every request about a facet. */
export function everyRequest({ scope, attributes }: Facet, { scopes, instants }: Space): Region {
  return {
    scopes: bitsWhere(scopes, ({ project }) => isAskedIn(scope, project)),
    instants: bitsWhere(instants, () => true),
    texts: attributes.map(({ kind }) => everyText(kind)),
  }
}

/** The requests of a region of which a rule speaks: an absent attribute is never true, and never false either. */
export function meet(region: Region, { effect, scopes, instants, demands }: Box): Region {
  return {
    scopes: region.scopes & scopes,
    instants: region.instants & instants,
    texts: demands.reduce(
      (texts, { slot, demand }) =>
        replace(texts, slot, (set) => narrow(set, demand, effect === 'deny')),
      region.texts,
    ),
  }
}

/** The requests of a region of which a rule does not speak: each part fails it in one way. */
export function leave(
  region: Region,
  { effect, scopes, instants, demands }: Box,
): readonly Region[] {
  return [
    ...demands.map(({ slot, demand }) => ({
      ...region,
      texts: replace(region.texts, slot, (set) =>
        narrow(set, opposite(demand), effect === 'allow'),
      ),
    })),
    { ...region, scopes: region.scopes & ~scopes },
    { ...region, instants: region.instants & ~instants },
  ]
}

/** Tells whether a region certainly has no request. */
export function isEmptyRegion({ scopes, instants, texts }: Region, budget: SearchBudget): boolean {
  return scopes === 0n || instants === 0n || texts.some((set) => isEmptySet(set, budget))
}

/** Tells whether a rule speaks of everything that another one speaks of, by its words alone. */
export function repeats(box: Box, { scopes, instants, key }: Box): boolean {
  return box.key === key && (scopes & ~box.scopes) === 0n && (instants & ~box.instants) === 0n
}

/** Tells whether a rule certainly speaks of every request of a region. */
export function covers(box: Box, region: Region, budget: SearchBudget): boolean {
  return leave(region, box).every((part) => isEmptyRegion(part, budget))
}

/** What a search is about. */
export interface Search {
  readonly facet: Facet
  readonly space: Space
  readonly budget: SearchBudget
}

/** Finds a request of a region of which no rule of `avoid` speaks: one, certainly none, or neither within the budget. */
export function findPoint(
  region: Region,
  avoid: readonly Box[],
  search: Search,
): Point | 'none' | 'unknown' {
  const { budget } = search
  const open = [{ region, next: 0 }]
  let isSure = true
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { region: here, next } = place
    if (!budget.spend()) return 'unknown'
    if (isEmptyRegion(here, budget)) continue
    const at = avoid.findIndex(
      (box, index) => index >= next && !isEmptyRegion(meet(here, box), budget),
    )
    const box = avoid[at]
    if (box !== undefined) {
      for (const part of leave(here, box).toReversed()) open.push({ region: part, next: at + 1 })
      continue
    }
    const point = toPoint(here, search)
    if (point !== undefined) return point
    isSure = false
  }
  return isSure ? 'none' : 'unknown'
}

const replace = (
  texts: readonly TextSet[],
  slot: number,
  change: (set: TextSet) => TextSet,
): readonly TextSet[] => texts.map((set, at) => (at === slot ? change(set) : set))

/** One request out of a region, with as many attributes as it can have. */
function toPoint({ scopes, instants, texts }: Region, search: Search): Point | undefined {
  const { facet, space, budget } = search
  const scope = firstOf(space.scopes, scopes)
  const at = firstOf(space.instants, instants)
  if (scope === undefined || at === undefined) return undefined
  const attributes: Record<string, string> = {}
  for (const [slot, { name }] of facet.attributes.entries()) {
    const set = texts[slot]
    if (set === undefined) continue
    const found = findValue(set, budget)
    if (typeof found !== 'string') attributes[name] = found.text
    else if (!set.absent) return undefined
  }
  return { scope, at, attributes }
}
