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

/** Lets so many callers do the same thing at the same time, and answers what each of them got. */
export async function race<T>(count: number, run: (index: number) => Promise<T>): Promise<T[]> {
  const gate = createGate(count)
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await gate()
      return run(index)
    }),
  )
}
