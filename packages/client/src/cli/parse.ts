import { UsageError } from './terminal.ts'

/** What a command line says. */
export interface CommandLine {
  /** The words that are no option, up to `--`. */
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, string | true>>
  /** What stands behind `--`. */
  readonly rest: readonly string[]
}

/** Options that take a value; all others are switches. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  'audience',
  'checkpoints',
  'events',
  'format',
  'identity',
  'jwks',
  'method',
  'name',
  'organization',
  'project',
  'region',
  'resource',
  'role',
  'token-file',
  'ttl',
  'uses',
  'url',
])
const SWITCHES: ReadonlySet<string> = new Set(['help', 'json', 'plain', 'version', 'with-secrets'])
/** What must not stand on a command line, which every process of the machine can read. */
const SECRET: ReadonlySet<string> = new Set([
  'client-secret',
  'jwt',
  'ldap-password',
  'password',
  'secret',
  'token',
])

/** Reads a command line. */
export function parseCommandLine(given: readonly string[]): CommandLine {
  const end = given.indexOf('--')
  const own = [...(end < 0 ? given : given.slice(0, end))]
  const words: string[] = []
  const options: Record<string, string | true> = {}
  for (let text = own.shift(); text !== undefined; text = own.shift()) {
    if (text.startsWith('-') && text !== '-') Object.assign(options, readOption(text, own))
    else words.push(text)
  }
  return { words, options, rest: end < 0 ? [] : given.slice(end + 1) }
}

/** Reads an option, and takes its value from what follows where it is not part of it. */
function readOption(text: string, following: string[]): Readonly<Record<string, string | true>> {
  const [, written = '', value] = /^--?([^=]+)(?:=(.*))?$/s.exec(text) ?? []
  const name = written === 'h' ? 'help' : written
  if (SECRET.has(name)) throw new UsageError(secretSentence(name))
  if (SWITCHES.has(name) && value === undefined) return { [name]: true }
  if (!WITH_VALUE.has(name)) throw new UsageError(`There is no option --${name}`)
  const taken = value ?? following.shift()
  if (taken === undefined || taken.startsWith('--')) throw new UsageError(`--${name} takes a value`)
  return { [name]: taken }
}

function secretSentence(name: string): string {
  return `--${name}: a secret on the command line can be read by others; put it into the environment, a file or standard input`
}
