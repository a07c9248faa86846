import { ClientError } from '../client-error.ts'
import { systemRuntime } from '../system-runtime.ts'
import { retryAfterOf } from '../wire.ts'
import { clientOf } from './methods.ts'
import type { Settings } from './settings.ts'
import { fetchOf, urlOf, variableOf } from './settings.ts'

/** An answer of the host, as it came. */
export type Answer = Readonly<Record<string, unknown>>

/** How long an operator waits for an answer, in milliseconds. */
const PATIENCE = 15_000

/** Asks the host in the name of whoever runs the command. */
export async function ask(
  settings: Settings,
  path: string,
  init: { readonly method?: string; readonly body?: object; readonly token?: string } = {},
): Promise<Answer> {
  const { method = 'GET', body, token } = init
  const { fetch = systemRuntime.fetch } = fetchOf(settings)
  const url = `${urlOf(settings)}${path}`
  const shown = await headersOf(settings, { method, url, token })
  const response = await fetch(url, {
    method,
    headers: {
      ...shown,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    redirect: 'error',
    signal: systemRuntime.deadline(PATIENCE),
  }).catch((cause: unknown) => {
    throw new ClientError('unreachable', `${urlOf(settings)} did not answer`, { cause })
  })
  const answer = (await response.json().catch(() => ({}))) as Answer
  if (response.ok) return answer
  throw new ClientError(codeOf(response.status), sentenceOf(answer, response.status), {
    status: response.status,
    retryAfter: retryAfterOf(response),
  })
}

/** Shows the token that is given, that of the environment, or that of a login, with a proof where it is bound. */
async function headersOf(
  settings: Settings,
  { method, url, token }: { method: string; url: string; token: string | undefined },
): Promise<Readonly<Record<string, string>>> {
  const given = token ?? variableOf(settings, 'COUNTERSIGN_TOKEN', 'INFISICAL_TOKEN')
  if (given === '') return {}
  if (given !== undefined) return { authorization: `Bearer ${given}` }
  return clientOf(settings).headers({ method, url })
}

/** The token of the environment, or of a login. */
export async function tokenOf(settings: Settings): Promise<string> {
  return (
    variableOf(settings, 'COUNTERSIGN_TOKEN', 'INFISICAL_TOKEN') ??
    clientOf(settings, { dpop: false }).token()
  )
}

function codeOf(status: number) {
  if (status === 401) return 'invalid_credential'
  if (status === 403) return 'permission_denied'
  return status >= 500 || status === 429 ? 'unreachable' : 'invalid_request'
}

function sentenceOf(answer: Answer, status: number): string {
  const { message, details } = answer
  const said = typeof message === 'string' ? message : `The server answered ${status}`
  return details === undefined ? said : `${said} (${JSON.stringify(details)})`
}
