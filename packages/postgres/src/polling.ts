import type { PushReceiver, Runtime, Seconds } from '@countersign/core/plugin'
import type { Db } from './db.ts'
import { KEPT, readChanges } from './statements/changes.ts'

/** What is looked at, how often, and who is told. */
export interface Polling {
  readonly db: Pick<Db, 'ask'>
  readonly runtime: Pick<Runtime, 'clock' | 'pause'>
  /** Seconds between two looks. */
  readonly every: Seconds
  readonly receiver: PushReceiver
}

/** What a look saw. */
interface Look {
  readonly at: number
  /** From where the next one looks. */
  readonly next: string
  readonly changes: readonly (readonly [id: string, message: string])[]
}

/**
 * Looks for messages until the function that it answers is called. Where a look failed, or the last one was so long ago that
 * messages may have been tidied away since, a gap is told.
 */
export async function keepPolling(polling: Polling): Promise<() => void> {
  const stop = new AbortController()
  const first = await look(polling, undefined)
  void pollOn(polling, first, stop.signal)
  return () => stop.abort()
}

/** Goes from one look to the next. It ends by itself when it is stopped, and never rejects. */
async function pollOn(polling: Polling, first: Look, stop: AbortSignal): Promise<void> {
  const { runtime, every } = polling
  let last = first
  let failed = false
  while (!stop.aborted) {
    await runtime.pause(every, stop)
    if (stop.aborted) return
    const seen = await look(polling, last).catch(() => undefined)
    if (stop.aborted) return
    if (seen !== undefined) {
      tell(polling, { last, seen, failed })
      last = seen
    }
    failed = seen === undefined
  }
}

interface Step {
  readonly last: Look
  readonly seen: Look
  /** Whether a look between the two failed. */
  readonly failed: boolean
}

function tell({ receiver }: Polling, { last, seen, failed }: Step): void {
  if (failed || seen.at - last.at > (KEPT * 1000) / 2) {
    receiver.gap()
    return
  }
  const before = new Set(last.changes.map(([id]) => id))
  for (const [id, message] of seen.changes) if (!before.has(id)) receiver.arrived(message)
}

async function look({ db, runtime }: Polling, last: Look | undefined): Promise<Look> {
  const at = runtime.clock().getTime()
  const [answer] = await db.ask(readChanges, [last?.next])
  const { next, changes } = JSON.parse(answer ?? '') as Omit<Look, 'at'>
  return { at, next, changes }
}
