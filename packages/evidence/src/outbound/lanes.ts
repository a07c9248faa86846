import { OutboundError } from './network.ts'

/** How many questions one host is asked at the same time, and how many more may wait. */
export const LANES = { open: 16, waiting: 256 }

/** Runs a question when its host has a lane for it. */
export type Lanes = <T>(host: string, signal: AbortSignal, run: () => Promise<T>) => Promise<T>

interface Lane {
  open: number
  readonly waiting: Set<() => void>
}

/** Creates the lanes to all hosts: a flood of logins becomes a line, and a line that is too long a refusal to wait. */
export function createLanes(): Lanes {
  const lanes = new Map<string, Lane>()

  return async (host, signal, run) => {
    const lane = lanes.get(host) ?? { open: 0, waiting: new Set() }
    lanes.set(host, lane)
    if (lane.open >= LANES.open) await turnIn(lane, signal)
    else lane.open += 1
    try {
      return await run()
    } finally {
      const [next] = lane.waiting
      if (next === undefined) lane.open -= 1
      else next()
      if (lane.open === 0) lanes.delete(host)
    }
  }
}

/** Waits for somebody to leave, who then hands over its place. */
function turnIn({ waiting }: Lane, signal: AbortSignal): Promise<void> {
  if (waiting.size >= LANES.waiting) throw new OutboundError('overloaded')
  if (signal.aborted) throw new OutboundError('too_late')
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      waiting.delete(start)
      reject(new OutboundError('too_late'))
    }
    const start = (): void => {
      waiting.delete(start)
      signal.removeEventListener('abort', stop)
      resolve()
    }
    waiting.add(start)
    signal.addEventListener('abort', stop, { once: true })
  })
}
