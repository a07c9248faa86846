/** Waits until `count` callers have come, then lets them and all others pass. */
export type Gate = () => Promise<void>

/** Creates a gate that forces a race: whoever reads before it and writes behind it has read what all others read. */
export function createGate(count: number): Gate {
  let awaited = count
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    awaited -= 1
    if (awaited <= 0) open()
    return opened
  }
}

/** A place where one caller is stopped until it is let go. */
export interface Stop {
  /** Stops whoever comes, while it is closed. */
  pass(): Promise<void>
  close(): void
  /** Resolves when somebody stands here. */
  reached(): Promise<void>
  open(): void
}

/** Creates a stop; it is open. */
export function createStop(): Stop {
  let opened: Promise<void> | undefined
  let open = (): void => undefined
  let arrived = Promise.resolve()
  let arrive = (): void => undefined
  return {
    async pass() {
      arrive()
      await opened
    },
    close() {
      opened = new Promise((resolve) => {
        open = resolve
      })
      arrived = new Promise((resolve) => {
        arrive = resolve
      })
    },
    reached: () => arrived,
    open() {
      opened = undefined
      open()
    },
  }
}

/** Lets so many callers do the same thing at once, and answers what came of each. */
export function flood<T>(
  count: number,
  run: (index: number) => Promise<T>,
): Promise<readonly PromiseSettledResult<T>[]> {
  return Promise.allSettled(Array.from({ length: count }, (_, index) => run(index)))
}

/** How many rounds a race gets: few on every change, all of them in `soak`. */
export function rounds(few: number, all: number): number {
  return process.env['COUNTERSIGN_SOAK'] === '1' ? all : few
}
