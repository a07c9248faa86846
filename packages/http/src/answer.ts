/** What goes back over the wire, before a framework writes it. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Headers of whatever carries a credential or says no to one (RFC 6749 section 5.1). */
export const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' } as const

/** Writes an answer as JSON. No header of it holds anything that a client sent, but for a request id that is harmless. */
export function toAnswer(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>>,
): Answer {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: JSON.stringify(body),
  }
}
