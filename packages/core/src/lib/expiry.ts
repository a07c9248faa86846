/** A deadline as a promise: it rejects when the signal aborts, and until then keeps nobody waiting but who awaits it. */
export function expiryOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const expire = (): void => reject(new Error('No answer in time'))
    if (signal.aborted) expire()
    else signal.addEventListener('abort', expire, { once: true })
  })
}
