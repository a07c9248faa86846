/** What ends a wait: a signal that aborts, or the little of it that is needed here. */
export interface Deadline {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Milliseconds within which calls share a timer: one for each would cost as much as reading a row. */
const TOGETHER = 10

/**
 * Creates deadlines of so many seconds, or a hundredth of a second less.
 *
 * The last fifth of the time begins anew when the first four are over: where the process itself was busy, the answer may
 * lie in the socket already, and is read in between.
 */
export function createDeadlines(seconds: number): () => Deadline {
  let latest: Deadline | undefined

  function begin(): Deadline {
    const { deadline, expire } = createShared()
    after(TOGETHER, () => {
      latest = undefined
    })
    after(seconds * 800, () => after(seconds * 200, expire))
    return deadline
  }

  return () => {
    latest ??= begin()
    return latest
  }
}

function createShared(): { readonly deadline: Deadline; readonly expire: () => void } {
  const waiting = new Set<() => void>()
  let aborted = false
  return {
    deadline: {
      get aborted() {
        return aborted
      },
      addEventListener: (_, listener) => void waiting.add(listener),
      removeEventListener: (_, listener) => void waiting.delete(listener),
    },
    expire() {
      aborted = true
      for (const giveUp of waiting) giveUp()
      waiting.clear()
    },
  }
}

function after(milliseconds: number, act: () => void): void {
  AbortSignal.timeout(milliseconds).addEventListener('abort', act, { once: true })
}

/** Waits for something, but no longer than a deadline lets it. Whatever comes later is dropped, a failure too. */
export function onTime<T>(work: Promise<T>, signal: Deadline): Promise<T> {
  return new Promise((resolve, reject) => {
    const expire = (): void => reject(new Error('Postgres did not answer in time'))
    const settle = (): void => signal.removeEventListener('abort', expire)
    signal.addEventListener('abort', expire)
    work.then(
      (value) => {
        settle()
        resolve(value)
      },
      (error: unknown) => {
        settle()
        reject(error)
      },
    )
    if (signal.aborted) expire()
  })
}
