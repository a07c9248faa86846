import { isClientError } from '../client-error.ts'
import { systemRuntime } from '../system-runtime.ts'
import type { Answer } from './api.ts'
import { ask, tokenOf } from './api.ts'
import { clientOf } from './methods.ts'
import type { Settings } from './settings.ts'
import { optionOf, variableOf } from './settings.ts'
import { show } from './show.ts'
import { UsageError } from './terminal.ts'

/** Logs in, and prints the token: alone, as JSON, or as a line of an env file. */
export async function login(settings: Settings): Promise<number> {
  const format =
    settings.options['json'] === true ? 'json' : (optionOf(settings, 'format') ?? 'token')
  const print = FORMATS[format]
  if (print === undefined) throw new UsageError('--format is token, json or env')
  const { terminal } = settings
  terminal.print(print(await clientOf(settings, ALONE).token()))
  return 0
}

/** What is printed or handed on leaves its key behind: such a token must be good without one. */
const ALONE = { dpop: false } as const

const FORMATS: Readonly<Record<string, ((token: string) => string) | undefined>> = {
  token: (token) => token,
  json: (token) => JSON.stringify({ accessToken: token, ...lifetimeOf(token) }, undefined, 2),
  env: (token) => `COUNTERSIGN_TOKEN=${token}`,
}

function lifetimeOf(token: string): { readonly expiresAt?: string } {
  const { exp } = claimsOf(token)
  return typeof exp === 'number' ? { expiresAt: new Date(exp * 1000).toISOString() } : {}
}

/** What a token says of itself, which nothing here has checked. */
function claimsOf(token: string): Answer {
  try {
    const payload = token.split('.')[1] ?? ''
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (char) =>
      char.charCodeAt(0),
    )
    return JSON.parse(new TextDecoder().decode(bytes)) as Answer
  } catch {
    return {}
  }
}

/** Inspects, renews or revokes the token of the environment, or the one that is piped in. */
export async function token(settings: Settings): Promise<number> {
  const [, verb] = settings.words
  const { terminal } = settings
  const presented =
    variableOf(settings, 'COUNTERSIGN_TOKEN', 'INFISICAL_TOKEN') ??
    (await terminal.readInput()).trim()
  if (presented === '') throw new UsageError('Set COUNTERSIGN_TOKEN, or pipe the token in')
  const body = { accessToken: presented }
  if (verb === 'inspect') {
    const claims = claimsOf(presented)
    if (Object.keys(claims).length === 0) throw new UsageError('This is no JSON Web Token')
    terminal.note('What the token says of itself; nothing of it was checked')
    terminal.print(JSON.stringify(claims, undefined, 2))
    return 0
  }
  if (verb === 'renew') {
    const path = '/api/v1/auth/token/renew'
    const answer = await ask(settings, path, { method: 'POST', body, token: presented })
    terminal.print(
      settings.options['json'] === true
        ? JSON.stringify(answer, undefined, 2)
        : String(answer['accessToken']),
    )
    return 0
  }
  if (verb !== 'revoke') throw new UsageError('token takes inspect, renew or revoke')
  await ask(settings, '/api/v1/auth/token/revoke', { method: 'POST', body, token: presented })
  terminal.note('The login has ended')
  return 0
}

/** Tells who the token belongs to, as the host sees it. */
export async function whoami(settings: Settings): Promise<number> {
  const token = await tokenOf(settings)
  const answer = await ask(settings, '/api/v1/identities/details', { token })
  // The host has just accepted the token, so what it says of itself holds; a static token says nothing.
  const { sub: identity, identityName: name, authMethod: method, org } = claimsOf(token)
  const said = { identity, name, method, organization: org }
  show(settings, [org === undefined ? (answer['identityDetails'] as Answer) : said], answer)
  return 0
}

/** How often the file of a token is written anew at least, in milliseconds. */
const PACE = 5000

/** Runs a program with a token in its environment, and beside it a file whose token is always fresh. */
export async function run(settings: Settings): Promise<number> {
  const { terminal, rest } = settings
  if (rest.length === 0) throw new UsageError('Name the program: countersign run -- program …')
  await using client = clientOf(settings, ALONE)
  const first = await client.token()
  const folder = await terminal.makeFolder()
  const file = `${folder}/token`
  const over = new AbortController()
  try {
    await terminal.writeSecretFile(file, first)
    const keeping = keepFresh(settings, { client, file, first, signal: over.signal })
    const code = await terminal.run(rest, {
      COUNTERSIGN_TOKEN: first,
      COUNTERSIGN_TOKEN_FILE: file,
    })
    over.abort()
    await keeping
    return code
  } finally {
    over.abort()
    await terminal.removeFolder(folder)
  }
}

interface Keeping {
  readonly client: ReturnType<typeof clientOf>
  readonly file: string
  readonly first: string
  readonly signal: AbortSignal
}

async function keepFresh({ terminal }: Settings, { client, file, first, signal }: Keeping) {
  let written = first
  while (!signal.aborted) {
    await systemRuntime.pause(PACE, signal)
    if (signal.aborted) return
    try {
      const fresh = await client.token(signal)
      if (fresh !== written) await terminal.writeSecretFile(file, fresh)
      written = fresh
    } catch (error) {
      if (!signal.aborted && isClientError(error)) terminal.note(`The token: ${error.message}`)
    }
  }
}
