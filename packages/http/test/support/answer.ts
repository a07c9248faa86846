import { expect } from 'vitest'

/** An answer as a client sees it, whatever brought it. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What every challenge for a token says of where to ask for one. */
export const POINTER =
  'resource_metadata="https://id.example.com/.well-known/oauth-protected-resource"'

const HEADERS_OF_A_REFUSAL = ['cache-control', 'content-type', 'pragma', 'x-request-id']

/** Reads a web response. */
export async function toAnswer(response: Response | undefined): Promise<Answer> {
  if (response === undefined) throw new Error('The handler says that the request is not its own')
  const { status, headers } = response
  return { status, headers: Object.fromEntries(headers), body: await response.text() }
}

/** Reads the body of an answer. */
export function bodyOf({ body }: Pick<Answer, 'body'>): Readonly<Record<string, unknown>> {
  return JSON.parse(body)
}

/** Holds an answer of ours to what every answer of ours promises, HTP-009 and HTP-017 among it. */
export function expectContract({ status, headers, body }: Answer): void {
  expect(headers['content-type']).toBe('application/json; charset=utf-8')
  expect(headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{1,128}$/)
  expect(Object.keys(headers).filter((name) => /^access-control-|^set-cookie$/.test(name))).toEqual(
    [],
  )
  if (!headers['cache-control']?.startsWith('public')) {
    expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
  }
  expect('www-authenticate' in headers).toBe(status === 401 || status === 403)
  expect('allow' in headers).toBe(status === 405)
  if (status >= 400) expectRefusal({ status, headers, body })
}

function expectRefusal({ status, headers, body }: Answer): void {
  expect(Object.keys(headers)).toEqual(expect.arrayContaining(HEADERS_OF_A_REFUSAL))
  if (body === '') return
  if ('error_description' in bodyOf({ body })) {
    expectOAuthRefusal({ status, headers, body })
    return
  }
  const { reqId, statusCode, message, error, details, ...rest } = bodyOf({ body })
  expect(rest).toEqual({})
  if (status !== 403 && status !== 409) expect(details).toBeUndefined()
  expect(statusCode).toBe(status)
  expect(reqId).toBe(headers['x-request-id'])
  expect(message).toMatch(/^[A-Za-z][ -~]{4,120}$/)
  expect(error).toMatch(/^[A-Z][A-Za-z]+$/)
}

/** RFC 6749 section 5.2: a word, and a sentence in the characters that it allows. */
function expectOAuthRefusal({ status, headers, body }: Answer): void {
  const { error, error_description: sentence, ...rest } = bodyOf({ body })
  expect(rest).toEqual({})
  expect(error).toMatch(/^[a-z]+(_[a-z]+)+$/)
  expect(sentence).toMatch(/^[A-Za-z][\x20-\x21\x23-\x5b\x5d-\x7e]{4,160}$/)
  if (status === 401) expect(error).toMatch(/^invalid_(client|token)$/)
  if (error === 'invalid_client')
    expect(headers['www-authenticate']).toBe(
      `Basic realm="countersign", error="invalid_client", error_description="${sentence}"`,
    )
}

/** What is left of an answer without the id of its request and without what the server adds: its face. */
export function faceOf({ status, headers, body }: Answer): string {
  const { 'x-request-id': requestId = '', date: _date, ...rest } = headers
  const shown = Object.entries(rest).map(([name, value]) => `${name}: ${value}`)
  return [status, ...shown.toSorted(), body.replaceAll(requestId, '<id>')].join('\n')
}
