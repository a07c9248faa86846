/** Waits for something that may never come; `what` says what was missing. */
export async function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(seconds * 1000)
  const expired = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`${what} did not come in time`)))
  })
  return Promise.race([promise, expired])
}
