import type { Dialect } from '../refusal.ts'

/** The one form in which this wire says no. */
export const errorSchemas = {
  Error: {
    type: 'object',
    description:
      'Why a request was refused. The message names a field where one is wrong, and holds no data.',
    properties: {
      reqId: { type: 'string', description: 'The id of the request, as x-request-id has it.' },
      statusCode: { type: 'integer' },
      message: { type: 'string' },
      error: { type: 'string', description: 'One word for the status.' },
      details: {
        type: 'object',
        description: 'Of a refused permission: what is missing. Of a repeated minting: the id.',
      },
    },
    required: ['reqId', 'statusCode', 'message', 'error'],
    additionalProperties: false,
    examples: [
      {
        reqId: 'req-1',
        statusCode: 401,
        message: 'The access token is not valid',
        error: 'Unauthorized',
      },
    ],
  },
  OAuthError: {
    type: 'object',
    description: 'Why an OAuth endpoint refused a request (RFC 6749 section 5.2).',
    properties: {
      error: { type: 'string', description: 'A word of the RFCs, such as invalid_client.' },
      error_description: { type: 'string', description: 'A sentence for people, without data.' },
    },
    required: ['error', 'error_description'],
    additionalProperties: false,
    examples: [{ error: 'invalid_client', error_description: 'The credential was not accepted' }],
  },
} as const

const MEANINGS: Readonly<Record<number, string>> = {
  400: 'The request must be repaired; the message names the field.',
  401: 'No good credential: log in, or log in again. The challenge stands in WWW-Authenticate.',
  403: 'The caller may not do this; details say which permission is missing, or what exceeds it.',
  404: 'There is no such thing, for this caller.',
  409: 'Something else forestalled it, or it would undo what is protected.',
  413: 'The body is longer than 32 kB.',
  415: 'The body is in no type that is taken here.',
  425: 'Early data can be replayed; send it again.',
  429: 'This comes too often; Retry-After says when to try again.',
  503: 'The service cannot answer now; Retry-After says when to try again.',
}

/** The refusals that are possible for a kind of route. */
export function refusalsOf(statuses: readonly number[], dialect: Dialect = 'wire'): object {
  const schema = dialect === 'oauth' ? 'OAuthError' : 'Error'
  return Object.fromEntries(statuses.map((status) => [String(status), refusalOf(status, schema)]))
}

function refusalOf(status: number, schema: keyof typeof errorSchemas): object {
  const header = (description: string): object => ({ description, schema: { type: 'string' } })
  return {
    description: MEANINGS[status] ?? 'Refused.',
    headers: {
      'x-request-id': header('The id of the request.'),
      ...((status === 401 || status === 403) && { 'www-authenticate': header('The challenge.') }),
      ...((status === 429 || status === 503) && { 'retry-after': header('Seconds to wait.') }),
    },
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
  }
}
