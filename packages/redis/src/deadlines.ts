import type { Runtime } from '@countersign/core/plugin'

/** Waits for something, but not too long. Whatever comes later is dropped, a failure too. */
export type OnTime = <T>(work: Promise<T>, late: () => Error) => Promise<T>

/** Calls that began at about the same time wait for one timer: a timer for each would cost as much as its call. */
interface Batch {
  readonly began: number
  readonly waiting: Set<() => void>
}

/** Milliseconds within which calls share a timer. */
const TOGETHER = 10

/**
 * Creates deadlines of so many seconds, or a hundredth of a second less.
 *
 * The last fifth of the time begins anew when the first four are over: where the process itself was busy, the answer may
 * lie in the socket already, and is read in between.
 */
export function createOnTime(
  { clock, deadline }: Pick<Runtime, 'clock' | 'deadline'>,
  seconds: number,
): OnTime {
  let latest: Batch | undefined

  function currentBatch(): Batch {
    const now = clock().getTime()
    if (latest !== undefined && now >= latest.began && now < latest.began + TOGETHER) return latest
    const batch: Batch = { began: now, waiting: new Set() }
    deadline(seconds * 0.8).addEventListener('abort', () => {
      if (batch.waiting.size === 0) return
      deadline(seconds * 0.2).addEventListener('abort', () => expire(batch))
    })
    latest = batch
    return batch
  }

  return (work, late) =>
    new Promise((resolve, reject) => {
      const { waiting } = currentBatch()
      const giveUp = (): void => reject(late())
      waiting.add(giveUp)
      work.then(
        (value) => {
          waiting.delete(giveUp)
          resolve(value)
        },
        (error: unknown) => {
          waiting.delete(giveUp)
          reject(error)
        },
      )
    })
}

function expire({ waiting }: Batch): void {
  for (const giveUp of waiting) giveUp()
  waiting.clear()
}
