import { request as plainly } from 'node:http'
import { request as securely } from 'node:https'
import type { Ready } from './reference-server.ts'

/** What a server answered. */
export interface Told {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  readonly body: any
}

/** What a client shows beside its words. */
export interface Shown {
  readonly headers?: Readonly<Record<string, string>>
  /** The certificate of its connection, and its key. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** Whom it trusts as a server. */
  readonly ca?: string | undefined
}

/** Asks a server once, over a connection of its own. */
export function ask(
  method: string,
  url: string,
  body?: object,
  { headers = {}, cert, key, ca }: Shown = {},
): Promise<Told> {
  const send = url.startsWith('https:') ? securely : plainly
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  const options = { method, agent: false, cert, key, ca, headers: { ...json, ...headers } }
  return new Promise((resolve, reject) => {
    const sent = send(url, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, body: readBody(text) })
      })
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function readBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The administrator of a server that is ready. */
export async function operatorOf({ url, clientId, clientSecret }: Ready, shown: Shown = {}) {
  const path = `${url}/api/v1/auth/universal-auth/login`
  const { body: grant } = await ask('POST', path, { clientId, clientSecret }, shown)
  const headers = { authorization: `Bearer ${grant.accessToken}` }
  const ok = async (method: string, path: string, body?: object): Promise<Told['body']> => {
    const told = await ask(method, `${url}/api/v1${path}`, body, { ...shown, headers })
    if (told.status === 200) return told.body
    throw new Error(`${method} ${path}: ${told.status} ${JSON.stringify(told.body)}`)
  }
  return {
    ok,
    call: (method: string, path: string, body?: object) =>
      ask(method, `${url}/api/v1${path}`, body, { ...shown, headers }),
    /** Makes an identity that logs in this way; answers its id. */
    async identityBy(slug: string, settings: object): Promise<string> {
      const { identity } = await ok('POST', '/identities', { name: slug, role: 'member' })
      await ok('POST', `/auth/${slug}/identities/${identity.id}`, settings)
      return identity.id
    },
    logIn: (slug: string, body: object, sent: Shown = shown) =>
      ask('POST', `${url}/api/v1/auth/${slug}/login`, body, sent),
  }
}
