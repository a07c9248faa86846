import type { Random } from '../lib/ids.ts'
import { mintId } from '../lib/ids.ts'
import type { Event, EventDraft } from '../model/event.ts'
import type { Source } from '../model/source.ts'
import type { Clock } from './clock.ts'

/** Gives a fact its id and its instant. */
export type Stamp = (draft: EventDraft) => Event

/** Creates the stamp of a node. */
export function createStamp({ now }: Clock, random: Random): Stamp {
  return (draft) => {
    const at = now()
    return Object.freeze({ v: 1, id: mintId('evt', at, random), at, ...draft })
  }
}

const LONGEST_NOTE = 256

/** What events keep of a source. Text that a client sent is cut, so that it cannot fill the trail. */
export function toEventSource(source: Source): { readonly source: Source } | undefined {
  const { address, requestId, userAgent } = source
  if (address === undefined && requestId === undefined && userAgent === undefined) return undefined
  return {
    source: {
      ...(address !== undefined && { address: address.slice(0, LONGEST_NOTE) }),
      ...(requestId !== undefined && { requestId: requestId.slice(0, LONGEST_NOTE) }),
      ...(userAgent !== undefined && { userAgent: userAgent.slice(0, LONGEST_NOTE) }),
    },
  }
}
