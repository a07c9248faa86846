import type { CommandLine } from './parse.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './terminal.ts'

/** What a command works with. */
export interface Settings extends CommandLine {
  readonly terminal: Terminal
}

/** The text of an option, where it is given. */
export function optionOf({ options }: CommandLine, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** The first variable that is set. */
export function variableOf(
  { terminal }: Settings,
  ...names: readonly string[]
): string | undefined {
  for (const name of names) {
    const value = terminal.environment[name]
    if (value !== undefined && value !== '') return value
  }
  return undefined
}

/** The address of the host. */
export function urlOf(settings: Settings): string {
  const url =
    optionOf(settings, 'url') ?? variableOf(settings, 'COUNTERSIGN_URL', 'INFISICAL_API_URL')
  if (url === undefined) throw new UsageError('Name the host: --url, or COUNTERSIGN_URL')
  // The variable of Infisical's clients names the API.
  return url.replace(/\/api\/?$/, '')
}

/** What is said where evidence is made for somebody else than the host. */
export const AUDIENCE = 'COUNTERSIGN_AUDIENCE'

/** The first variable that is set, without which nothing goes on. */
export function needed(settings: Settings, ...names: readonly [string, ...string[]]): string {
  const value = variableOf(settings, ...names)
  if (value === undefined) throw new UsageError(`Set ${names[0]}`)
  return value
}

/** The identity, by option or variable. */
export function identityOf(settings: Settings): string {
  const named = optionOf(settings, 'identity')
  return named ?? needed(settings, 'COUNTERSIGN_IDENTITY', 'INFISICAL_MACHINE_IDENTITY_ID')
}

/** What evidence is made for, where it is said. */
export function audienceOf(settings: Settings): string | undefined {
  return optionOf(settings, 'audience') ?? variableOf(settings, AUDIENCE)
}

/** A token of another issuer: out of a file, a variable or standard input. */
export function assertionOf(settings: Settings): string | (() => Promise<string>) {
  if (optionOf(settings, 'token-file') !== undefined) return fileOf(settings, '')
  const value = variableOf(settings, 'COUNTERSIGN_ID_TOKEN', 'INFISICAL_JWT')
  return value ?? settings.terminal.readInput
}

/** What a file holds, read anew for every login. */
export function fileOf(settings: Settings, usual: string): () => Promise<string> {
  const path = optionOf(settings, 'token-file') ?? usual
  return () => settings.terminal.readFile(path)
}

/** A `fetch` that shows the certificate of the environment, where there is one. */
export function fetchOf(settings: Settings): { readonly fetch?: typeof globalThis.fetch } {
  const cert = variableOf(settings, 'COUNTERSIGN_CLIENT_CERT_FILE')
  if (cert === undefined) return {}
  const key = needed(settings, 'COUNTERSIGN_CLIENT_KEY_FILE')
  const ca = variableOf(settings, 'COUNTERSIGN_CA_FILE')
  return { fetch: settings.terminal.certificateFetch({ cert, key, ca }) }
}
