/** Takes a deadline from the process's timers. The one place in this package that does. */
export function systemDeadline(seconds: number): AbortSignal {
  return AbortSignal.timeout(seconds * 1000)
}

/** Draws the id of a request that brought none. */
export function randomRequestId(): string {
  return globalThis.crypto.randomUUID()
}

/** Digests a text for comparison: SHA-256 in hexadecimal. */
export async function digestText(text: string): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
