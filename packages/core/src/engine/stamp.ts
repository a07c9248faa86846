import type { Random } from '../lib/ids.ts'
import { mintId } from '../lib/ids.ts'
import { withoutSecrets } from '../lib/secret.ts'
import { toNote, toPlainText } from '../lib/text.ts'
import type { Event, EventDraft } from '../model/event.ts'
import type { Source } from '../model/source.ts'
import type { Clock } from './clock.ts'

/** Gives a fact its id and its instant. */
export type Stamp = (draft: EventDraft) => Event

/** Creates the stamp of a node. Every text in an event becomes plain, so that nothing it names can upset who reads it. */
export function createStamp({ now }: Clock, random: Random): Stamp {
  return (draft) => {
    const at = now()
    return Object.freeze({ v: 1, id: mintId('evt', at, random), at, ...toPlain(draft) })
  }
}

function toPlain(draft: EventDraft): EventDraft {
  const { organization, actor, target, reason, details } = draft
  return {
    ...draft,
    ...(organization !== undefined && { organization: toPlainText(organization) }),
    actor: toPlainMembers(actor),
    target: toPlainMembers(target),
    ...(reason !== undefined && { reason: toPlainText(reason) }),
    ...(details !== undefined && { details: toPlainMembers(details) }),
  }
}

/** Answers the same record where there is nothing to change, which is nearly always. */
function toPlainMembers<T extends object>(record: T): T {
  const members = Object.entries(record)
  const plain = members.map(([name, value]) => [
    name,
    typeof value === 'string' ? toPlainText(value) : value,
  ])
  const isSame = plain.every(([, value], place) => value === members[place]?.[1])
  return isSame ? record : Object.fromEntries(plain)
}

/** The part of a stranger's text that is looked at; a secret further behind is cut off anyway. */
const READ = 512

/** What events keep of a source. Text that a client sent is cut, so that it cannot fill the trail. */
export function toEventSource(source: Source): { readonly source: Source } | undefined {
  const { address, requestId, userAgent } = source
  if (address === undefined && requestId === undefined && userAgent === undefined) return undefined
  return {
    source: {
      ...(address !== undefined && { address: toStrangersNote(address) }),
      ...(requestId !== undefined && { requestId: toStrangersNote(requestId) }),
      ...(userAgent !== undefined && { userAgent: toStrangersNote(userAgent) }),
    },
  }
}

function toStrangersNote(text: string): string {
  return toNote(withoutSecrets(text.slice(0, READ)))
}
