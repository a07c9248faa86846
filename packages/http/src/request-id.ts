const SANE = /^[A-Za-z0-9._-]{1,128}$/

/** The id of a request: the client's or a proxy's if it is harmless in a header and a log, otherwise a fresh one. */
export function requestIdOf(headers: Pick<Headers, 'get'>): string {
  const given = headers.get('x-request-id')
  return given !== null && SANE.test(given) ? given : crypto.randomUUID()
}
