import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** What a login is told on the wire. */
export interface Answer {
  readonly accessToken: string
  readonly expiresIn: number
  readonly accessTokenMaxTTL: number
  readonly tokenType: string
}

export interface Credential {
  readonly clientId: string
  readonly clientSecret: string
}

const LOGIN = '/api/v1/auth/universal-auth/login'

/** Logs in with the curl line of the announcement, word for word; with fetch where there is no curl. */
export async function logInByForm(
  url: string,
  { clientId, clientSecret }: Credential,
): Promise<Answer> {
  const fields = [`clientSecret=${clientSecret}`, `clientId=${clientId}`]
  const options = ['--silent', '--location', '--request', 'POST', `${url}${LOGIN}`]
  const header = ['--header', 'Content-Type: application/x-www-form-urlencoded']
  const form = fields.flatMap((field) => ['--data-urlencode', field])
  try {
    const { stdout } = await execute('curl', [...options, ...header, ...form])
    return JSON.parse(stdout)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    const body = new URLSearchParams({ clientId, clientSecret })
    const answer = await fetch(`${url}${LOGIN}`, { method: 'POST', body })
    return (await answer.json()) as Answer
  }
}

export const logIn = (url: string, { clientId, clientSecret }: Credential): Promise<Response> =>
  post(`${url}${LOGIN}`, { clientId, clientSecret })

/** Posts a form to a route of OAuth, as the client itself where credentials are given. */
export function postForm(
  url: string,
  fields: Readonly<Record<string, string>>,
  client?: Credential,
): Promise<Response> {
  const basic = client && btoa(`${client.clientId}:${client.clientSecret}`)
  const headers = basic === undefined ? {} : { authorization: `Basic ${basic}` }
  return fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields) })
}

export const renew = (url: string, accessToken: string): Promise<Response> =>
  post(`${url}/api/v1/auth/token/renew`, { accessToken })

export const revoke = (url: string, accessToken: string): Promise<Response> =>
  post(`${url}/api/v1/auth/token/revoke`, { accessToken })

export const whoami = (url: string, accessToken?: string): Promise<Response> =>
  fetch(`${url}/api/whoami`, {
    headers: accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` },
  })

function post(url: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
}
