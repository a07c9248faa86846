/** What one request came to. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly retryAfter: number
}

/** A workload of somebody else's: all that it knows is a URL and HTTP. */
export interface Workload {
  /** Sends what `curl --data-urlencode clientSecret=… --data-urlencode clientId=…` sends: a form. */
  logIn(clientId: string, clientSecret: string): Promise<Answer>
  renew(accessToken: string): Promise<Answer>
  revoke(accessToken: string): Promise<Answer>
  readReport(accessToken?: string): Promise<Answer>
}

/** Creates a workload that speaks to the backend at `url`. */
export function createWorkload(url: string): Workload {
  async function send(path: string, options: RequestInit): Promise<Answer> {
    const response = await fetch(`${url}${path}`, options)
    const retryAfter = Number(response.headers.get('retry-after'))
    const body = (await response.json()) as Answer['body']
    return { status: response.status, body, retryAfter }
  }
  const post = (path: string, fields: Record<string, string>) =>
    send(`/api/v1/auth/${path}`, { method: 'POST', body: new URLSearchParams(fields) })

  return {
    logIn: (clientId, clientSecret) => post('universal-auth/login', { clientSecret, clientId }),
    renew: (accessToken) => post('token/renew', { accessToken }),
    revoke: (accessToken) => post('token/revoke', { accessToken }),
    readReport: (accessToken) =>
      send('/api/report', {
        headers: accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` },
      }),
  }
}
