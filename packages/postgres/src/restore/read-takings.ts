import type { Event } from '@countersign/core/plugin'
import { isRetaken } from './retake.ts'

/** What the events of a sink's file say that a backup does not know. */
export interface Takings {
  /** What took something away, in the order of the file. */
  readonly events: readonly Event[]
  /** The highest epoch that an earlier restore of this deployment has raised. */
  readonly epoch: number
}

/** Reads the lines of a sink's file: one event each, as JSON. Only the last one may have been cut off. */
export async function readTakings(lines: AsyncIterable<string>): Promise<Takings> {
  const taken: Event[] = []
  const disabled = new Map<string, Event>()
  let epoch = 0
  let count = 0
  let broken: number | undefined
  for await (const line of lines) {
    count += 1
    if (line.trim() === '') continue
    if (broken !== undefined) throw new Error(`Line ${broken} of the events is no event`)
    const event = parseEvent(line)
    if (event === undefined) broken = count
    else if (event.type === 'storage.restored') epoch = Math.max(epoch, epochOf(event))
    else if (event.type === 'identity.updated') noteDisabled(disabled, event)
    else if (isRetaken(event)) taken.push(event)
  }
  return { events: [...taken, ...disabled.values()], epoch }
}

/** Whom somebody enabled again is not disabled. */
function noteDisabled(disabled: Map<string, Event>, event: Event): void {
  const state = event.details?.['disabled']
  if (state === true) disabled.set(event.target.id, event)
  if (state === false) disabled.delete(event.target.id)
}

function epochOf({ details }: Event): number {
  const epoch = details?.['epoch']
  return Number.isSafeInteger(epoch) ? Number(epoch) : 0
}

function parseEvent(line: string): Event | undefined {
  const read = parseJson(line)
  if (!isRecord(read) || read['v'] !== 1) return undefined
  const { id, type, at, organization, actor, target } = read
  if (typeof id !== 'string' || typeof type !== 'string' || typeof at !== 'string') return undefined
  if (organization !== undefined && typeof organization !== 'string') return undefined
  if (!isRecord(actor) || !isRecord(target)) return undefined
  if (typeof target['kind'] !== 'string' || typeof target['id'] !== 'string') return undefined
  const instant = new Date(at)
  if (Number.isNaN(instant.getTime())) return undefined
  return { ...(read as unknown as Event), at: instant }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
