import type { Box } from './box.ts'

/** What every value of one attribute begins with, or is, for which a rule is true. */
export interface Hint {
  readonly prefix: string
  readonly values?: ReadonlySet<string>
}

/** What the demands of a rule say about each attribute at first sight. */
export function hintsOf(demands: Box['demands']): ReadonlyMap<number, Hint> {
  const hints = new Map<number, Hint>()
  for (const { slot, demand } of demands) {
    const { prefix = '', values } = hints.get(slot) ?? {}
    if (demand.kind === 'in') hints.set(slot, { prefix, values: demand.values })
    if (demand.kind !== 'glob') continue
    const longest = demand.glob.prefix.length > prefix.length ? demand.glob.prefix : prefix
    hints.set(slot, { prefix: longest, ...(values && { values }) })
  }
  return hints
}

/**
 * Tells whether an allow and another rule may speak of a common request: a cheap no for most pairs.
 *
 * An allow wants the attributes that it names, so that no absent one is common to both.
 */
export function mayMeet(allow: Box, other: Box): boolean {
  if ((allow.scopes & other.scopes) === 0n || (allow.instants & other.instants) === 0n) return false
  for (const [slot, hint] of allow.hints) {
    const its = other.hints.get(slot)
    if (its !== undefined && !haveCommon(hint, its)) return false
  }
  return true
}

/** Tells whether one text can begin with both. */
export function agree(first: string, second: string): boolean {
  return first.startsWith(second) || second.startsWith(first)
}

function haveCommon(first: Hint, second: Hint): boolean {
  if (!agree(first.prefix, second.prefix)) return false
  if (first.values === undefined && second.values === undefined) return true
  const [values, other] = first.values ? [first.values, second] : [second.values, first]
  for (const value of values ?? [])
    if (value.startsWith(other.prefix) && (other.values?.has(value) ?? true)) return true
  return false
}
