import type { ChainLink, Checkpoint, Event, Storage } from '@countersign/core/plugin'
import { CHAIN_START, linkTo } from '@countersign/core/plugin'
import { anEvent } from './records.ts'

let count = 0

/** Events of one organization that nobody has recorded yet. */
export function eventsOf(organization: string, many: number, given: Partial<Event> = {}): Event[] {
  return Array.from({ length: many }, () => {
    count += 1
    return anEvent({ id: `evt_${count}`, organization, ...given })
  })
}

/** Seals what is open, as a sequencer does. */
export async function seal({ trail }: Storage, at: Date): Promise<boolean> {
  const { position, events, heads } = await trail.open(1000)
  const ends = new Map<string | undefined, ChainLink>(
    heads.map(({ organization, index, hash }) => [organization, { index, hash }]),
  )
  const sealed = events.map((open, offset) => {
    const { organization } = open.event
    const link = linkTo(ends.get(organization) ?? CHAIN_START, open.event)
    ends.set(organization, link)
    return { ...open, position: position + offset + 1, ...link }
  })
  return trail.seal({ after: position, at, events: sealed })
}

/** Records events of one organization and seals them. */
export async function sealEvents(
  storage: Storage,
  organization: string,
  { many, at }: { readonly many: number; readonly at: Date },
): Promise<void> {
  await storage.outbox.append(eventsOf(organization, many, { at }))
  await seal(storage, at)
}

/** Stores a checkpoint of one chain that reaches to its head, and lets go up to an index. */
export async function putCheckpoint(
  { trail }: Storage,
  organization: string,
  anchor = 0,
): Promise<boolean> {
  const links = [CHAIN_START, ...(await trail.links(organization, 0, 1000))]
  const { index: anchorIndex, hash: anchorHash } =
    links.find(({ index }) => index === anchor) ?? CHAIN_START
  const { head } = await trail.chain(organization)
  const checkpoint: Checkpoint = {
    ...head,
    organization,
    anchor: { index: anchorIndex, hash: anchorHash },
    at: new Date(0),
    kid: 'key-1',
    jws: 'jws',
  }
  return trail.checkpoint(checkpoint)
}
