import assert from 'node:assert/strict'

/** Somebody at the door of an app: what is sent along with each request. */
export interface Visitor {
  get(path: string): Promise<Told>
  post(path: string, body: object): Promise<Told>
}

/** What an app answered. */
export interface Told {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what an app answers is what the test is about.
  readonly body: any
}

/** A browser of this origin, a workload or nobody, by the headers that it sends. */
export function visitor(url: string, headers: Readonly<Record<string, string>> = {}): Visitor {
  async function ask(path: string, init: RequestInit): Promise<Told> {
    const response = await fetch(`${url}${path}`, init)
    const text = await response.text()
    const { status } = response
    return { status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  return {
    get: (path) => ask(path, { headers }),
    post: (path, body) =>
      ask(path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  }
}

/** Signs a person in, and comes back with the cookie, as a browser that stays on the site. */
export async function signIn(url: string, email: string): Promise<Visitor> {
  const { status, headers } = await visitor(url).post('/signin', { email, password: PASSWORD })
  assert.equal(status, 204)
  const [cookie = ''] = headers.get('set-cookie')?.split(';') ?? []
  return visitor(url, { cookie, 'sec-fetch-site': 'same-origin' })
}

export const PASSWORD = 'correct horse battery staple'

/** Logs a workload in over the wire. */
export async function logIn(url: string, clientId: string, clientSecret: string): Promise<Visitor> {
  const path = '/api/v1/auth/universal-auth/login'
  const { status, body } = await visitor(url).post(path, { clientId, clientSecret })
  assert.equal(status, 200)
  return visitor(url, { authorization: `Bearer ${body.accessToken}` })
}

/** Registers a workload in a person's own session, and logs it in. */
export async function aWorkload(url: string, person: Visitor, role: string): Promise<Visitor> {
  const { status, body } = await person.post('/api/v1/identities', { name: `a ${role}`, role })
  assert.equal(status, 200, JSON.stringify(body))
  const universal = `/api/v1/auth/universal-auth/identities/${body.identity.id}`
  assert.equal((await person.post(universal, {})).status, 200)
  const { clientSecret } = (await person.post(`${universal}/client-secrets`, {})).body
  return logIn(url, body.identity.id, clientSecret)
}
