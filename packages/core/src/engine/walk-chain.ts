import type { ChainLink, SealedEvent } from '../model/chain.ts'
import type { ChainFault } from '../model/chain-fault.ts'
import { refuseLink } from '../model/chain-fault.ts'
import type { Trail } from '../ports/trail.ts'

/** A stretch of one chain. */
export interface Stretch {
  readonly organization: string | undefined
  /** What is believed; the first event that is looked at is the one behind it. */
  readonly from: ChainLink
  /** The index of the last event that must be there. */
  readonly to: number
  /** What else is believed: which hash an index has. */
  readonly marks: ReadonlyMap<number, string>
}

/** Events in memory at a time. */
const PAGE = 500

/** Hashes a stretch of a chain anew, page by page, and answers the first thing that is wrong with it. */
export async function walkChain(
  trail: Pick<Trail, 'links'>,
  { organization, from, to, marks }: Stretch,
): Promise<ChainFault | undefined> {
  let last = from
  while (last.index < to) {
    const page = await trail.links(organization, last.index, PAGE)
    const walked = walkPage(last, page.slice(0, to - last.index + 1), marks)
    if ('kind' in walked) return walked
    if (walked.index === last.index) return { kind: 'truncated', index: last.index + 1 }
    last = walked
  }
  return undefined
}

/** Goes on to the last link of a page that holds. */
function walkPage(
  from: ChainLink,
  page: readonly SealedEvent[],
  marks: ReadonlyMap<number, string>,
): ChainLink | ChainFault {
  let last = from
  for (const [place, sealed] of page.entries()) {
    // What stands behind the last of a full page is not known yet, so that one waits for the next page.
    const isWaiting = place > 0 && place === PAGE - 1 && sealed.index > last.index
    if (isWaiting) break
    const fault = refuseLink(last, sealed, page[place + 1]) ?? refuseMark(marks, sealed)
    if (fault !== undefined) return fault
    last = { index: sealed.index, hash: sealed.hash }
  }
  return last
}

function refuseMark(
  marks: ReadonlyMap<number, string>,
  { index, hash, event }: SealedEvent,
): ChainFault | undefined {
  const marked = marks.get(index)
  if (marked === undefined || marked === hash) return undefined
  return { kind: 'rewritten', index, event: event.id }
}
