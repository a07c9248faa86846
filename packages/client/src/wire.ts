import type { ClientErrorCode } from './client-error.ts'
import { ClientError } from './client-error.ts'

/** What a login or a renewal grants, in seconds from the answer on. */
export interface Grant {
  readonly accessToken: string
  readonly expiresIn: number
  readonly accessTokenMaxTTL: number
  readonly scheme: Scheme
}

/** How a token is shown: as a bearer's (RFC 6750), or with a proof beside it (RFC 9449 section 7.1). */
export type Scheme = 'Bearer' | 'DPoP'

/** Reads the answer of a login or a renewal, or throws what it says. */
export async function readGrant(response: Response): Promise<Grant> {
  const answer = await readObject(response)
  if (!response.ok) throw toError(response, answer)
  const { accessToken, expiresIn, accessTokenMaxTTL, tokenType } = answer
  if (typeof accessToken !== 'string' || !isLifetime(expiresIn) || !isLifetime(accessTokenMaxTTL))
    throw new ClientError(
      'invalid_request',
      'Whoever answers at this address does not speak as Countersign does: check the address',
      { status: response.status },
    )
  const scheme = String(tokenType).toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer'
  return { accessToken, expiresIn, accessTokenMaxTTL, scheme }
}

function isLifetime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

/** No answer of ours is longer. */
const LONGEST_ANSWER = 65_536

async function readObject(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = (await response.text()).slice(0, LONGEST_ANSWER)
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const CODES: Readonly<Record<number, ClientErrorCode>> = {
  401: 'invalid_credential',
  403: 'permission_denied',
  408: 'unreachable',
  425: 'unreachable',
  429: 'unreachable',
}

function toError(response: Response, answer: Readonly<Record<string, unknown>>): ClientError {
  const { status } = response
  const retryAfter = retryAfterOf(response)
  const said = typeof answer['message'] === 'string' ? answer['message'] : undefined
  const code = codeOf(status, retryAfter)
  return new ClientError(code, said ?? `The server answered ${status}`, { retryAfter, status })
}

/** A login route answers 401 with `Retry-After` where an identity is locked out: existing clients repeat a 429 at once. */
function codeOf(status: number, retryAfter: number | undefined): ClientErrorCode {
  if (status === 401 && retryAfter !== undefined) return 'locked_out'
  return CODES[status] ?? (status >= 500 ? 'unreachable' : 'invalid_request')
}

/** The longest time that is waited because a server says so, in seconds. */
const LONGEST_RETRY_AFTER = 86_400

/** How many seconds a server asks to wait (RFC 9110, 10.2.3); an HTTP date is counted from the answer's own. */
export function retryAfterOf({ headers }: Response): number | undefined {
  const text = headers.get('retry-after')
  if (text === null) return undefined
  if (/^\d+$/.test(text)) return Math.min(Number(text), LONGEST_RETRY_AFTER)
  const until = Date.parse(text)
  const from = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(until) || Number.isNaN(from)) return undefined
  return Math.min(Math.max(Math.ceil((until - from) / 1000), 0), LONGEST_RETRY_AFTER)
}
