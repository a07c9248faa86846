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
  /** Asks for a path of the backend, with a token or without one. */
  read(path: string, accessToken?: string): Promise<Answer>
  approve(invoice: string, accessToken: string): Promise<Answer>
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
  const bearer = (accessToken: string) => ({ authorization: `Bearer ${accessToken}` })

  return {
    logIn: (clientId, clientSecret) => post('universal-auth/login', { clientSecret, clientId }),
    renew: (accessToken) => post('token/renew', { accessToken }),
    revoke: (accessToken) => post('token/revoke', { accessToken }),
    read: (path, accessToken) =>
      send(path, { headers: accessToken === undefined ? {} : bearer(accessToken) }),
    approve: (invoice, accessToken) =>
      send(`/api/invoices/${invoice}/approve`, { method: 'POST', headers: bearer(accessToken) }),
  }
}
