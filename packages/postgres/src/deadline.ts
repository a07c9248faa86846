/** Waits for something, but no longer than a signal lets it. Whatever comes later is dropped, a failure too. */
export function onTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
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
