import type { Event, EventDraft } from '../model/event.ts'
import type { Clock } from './clock.ts'
import { createFold } from './fold.ts'
import type { Stamp } from './stamp.ts'

/** Decides which refusals become rows: an attacker must not be able to write the disk full. */
export interface Refusals {
  /** The rows to write with a refusal of a known organization: its event, or none once the minute's budget is spent. */
  record(draft: EventDraft, identity: string, network: string): readonly Event[]
  /** Notes a refusal that no organization can be named for; it reaches sinks and never becomes a row. */
  report(draft: EventDraft, network: string): void
  /** What was gathered in minutes and seconds that are over. */
  take(): Gathered
  /** What was gathered so far, in the present minute and second too: for the end, when nobody takes again. */
  takeAll(): Gathered
}

/** Refusals that were told as one. */
export interface Gathered {
  /** Rows that stand for what a minute folded. */
  readonly folded: readonly Event[]
  /** What sinks alone are told, at most one event a second for each network and reason. */
  readonly reported: readonly Event[]
}

/** Rows per minute for one identity, and for one source network. */
export const BUDGET_PER_PARTY = 60
/** Rows per minute for one organization. */
export const BUDGET_PER_ORGANIZATION = 600
/** Rows of a minute that stand for others: whoever has a source for each attempt must not get a row for each, either. */
export const ROWS_FOLDED = 300

/** Creates the budget of a node. */
export function createRefusals(clock: Clock, stamp: Stamp): Refusals {
  const folded = createFold({ period: 60, kinds: ROWS_FOLDED }, clock, stamp)
  const reported = createFold({ period: 1, kinds: 10_000 }, clock, stamp)
  let minute = 0
  const spent = new Map<string, number>()

  function hasBudget(parties: readonly (readonly [party: string, budget: number])[]): boolean {
    const present = Math.floor(clock.now().getTime() / 60_000)
    if (present !== minute) spent.clear()
    minute = present
    if (parties.some(([party, budget]) => (spent.get(party) ?? 0) >= budget)) return false
    for (const [party] of parties) spent.set(party, (spent.get(party) ?? 0) + 1)
    return true
  }

  function record(draft: EventDraft, identity: string, network: string): readonly Event[] {
    const withinBudget = hasBudget([
      [`organization ${draft.organization}`, BUDGET_PER_ORGANIZATION],
      [`identity ${identity}`, BUDGET_PER_PARTY],
      [`source ${draft.organization} ${network}`, BUDGET_PER_PARTY],
    ])
    if (withinBudget) return [stamp(draft)]
    folded.add(draft, network)
    return []
  }

  return {
    record,
    report: reported.add,
    take: () => ({ folded: folded.take(), reported: reported.take() }),
    takeAll: () => ({ folded: folded.takeAll(), reported: reported.takeAll() }),
  }
}
