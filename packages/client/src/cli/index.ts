import { isClientError } from '../client-error.ts'
import { completion } from './completion.ts'
import { doctor } from './doctor.ts'
import { audit, identities, keys, roles, secrets } from './operator.ts'
import { parseCommandLine } from './parse.ts'
import type { Settings } from './settings.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './terminal.ts'
import { login, run, token, whoami } from './workload.ts'

export type { Terminal } from './terminal.ts'

interface Command {
  readonly verbs: readonly string[]
  readonly run: (settings: Settings) => Promise<number>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  login: { verbs: [], run: login },
  token: { verbs: ['inspect', 'renew', 'revoke'], run: token },
  whoami: { verbs: [], run: whoami },
  run: { verbs: [], run },
  doctor: { verbs: [], run: doctor },
  identities: { verbs: ['list', 'show', 'create', 'delete'], run: identities },
  secrets: { verbs: ['list', 'create', 'revoke'], run: secrets },
  roles: { verbs: ['list'], run: roles },
  audit: { verbs: ['list', 'verify'], run: audit },
  keys: { verbs: ['list'], run: keys },
  completion: {
    verbs: ['bash', 'zsh', 'fish'],
    run: (settings) => completion(settings, verbsOf()),
  },
}

const verbsOf = (): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(Object.entries(COMMANDS).map(([name, { verbs }]) => [name, verbs]))

/** How the command line is used. */
export const USAGE: string = `Usage: countersign <command> [options]

A workload:
  login                      logs in and prints the token; --format token | json | env
  token inspect|renew|revoke the token of COUNTERSIGN_TOKEN, or the one that is piped in
  whoami                     tells who the token belongs to
  run -- program …           runs a program with COUNTERSIGN_TOKEN, and COUNTERSIGN_TOKEN_FILE kept fresh
  doctor                     looks for what keeps a workload from logging in

An operator, with a token or a login of their own:
  identities list|show|create|delete    identities create <name> --role member --with-secrets
  secrets list|create|revoke            secrets create <identity> --ttl 86400 --uses 10
  roles list                            --project <id> for those of a project
  audit list                            what happened, the newest first
  audit verify --events <path> --checkpoints <path>    what a sink wrote, by what a witness kept; --jwks <path> offline
  keys list                             the public keys that tokens are signed with

Options:
  --url <url>         the host; COUNTERSIGN_URL
  --method <method>   auto, universal, kubernetes, oidc, jwt, spiffe, gcp, azure, aws, ldap, tls; of jobs: github,
                      gitlab, buildkite, circleci, bitbucket, hcp-terraform, vercel, fly
  --identity <id>     COUNTERSIGN_IDENTITY
  --audience <text>   what evidence is made for; the host where left out
  --token-file <path> where a token of another issuer lies
  --json, --plain     for programs: whole answers, or tabs without a heading

Secrets come from the environment, a file or standard input, never from an option: COUNTERSIGN_CLIENT_ID and
COUNTERSIGN_CLIENT_SECRET, COUNTERSIGN_TOKEN, COUNTERSIGN_ID_TOKEN; the variables of Infisical's clients work too.
countersign completion bash|zsh|fish prints what a shell completes by.
Exit codes: 0 done, 1 refused, 2 not understood, 3 nobody answered; run ends as its program ends.`

/** Runs one command, and answers the exit code of the process. */
export async function runCli(terminal: Terminal): Promise<number> {
  try {
    const line = parseCommandLine(terminal.arguments)
    const [name] = line.words
    if (line.options['help'] === true || name === 'help') {
      terminal.print(USAGE)
      return 0
    }
    const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (command === undefined)
      throw new UsageError(name === undefined ? 'Name a command' : `There is no command ${name}`)
    return await command.run({ ...line, terminal })
  } catch (error) {
    return explain(terminal, error)
  }
}

function explain({ note }: Terminal, error: unknown): number {
  if (error instanceof UsageError) {
    note(`${error.message}\n\ncountersign --help tells more`)
    return 2
  }
  const { message } = error instanceof Error ? error : new Error(String(error))
  if (!isClientError(error)) {
    note(message)
    return 1
  }
  note(error.retryAfter === undefined ? message : `${message}; wait ${error.retryAfter} s`)
  return error.code === 'unreachable' ? 3 : 1
}
