import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Credential } from './clients.ts'

/** What the server says once it listens. */
export interface Ready {
  readonly ready: true
  readonly pid: number
  readonly url: string
  readonly organization: string
  readonly project: string
  readonly identity: string
  readonly clientId: string
  readonly clientSecret: string
  readonly deployer: Credential
}

/** A run of the real server, from the outside. */
export interface Run {
  /** Resolves with the ready line, and rejects where the process ends without one. */
  readonly ready: Promise<Ready>
  /** Resolves with how the process ended, and all that it wrote. */
  readonly ended: Promise<Ended>
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const source = ['--conditions=@countersign/source', '--import', 'tsx', 'src/main.ts']
const folder = fileURLToPath(new URL('..', import.meta.url))

/** What starts fastest. A run that says otherwise by an empty value has what an operator has. */
const usual = { PORT: '0', COUNTERSIGN_STORAGE: 'memory' }

/** Starts the server with nothing but these variables, on a port of the system's choice; `built` takes the built packages. */
export function run(
  environment: Readonly<Record<string, string>>,
  { built = false }: { readonly built?: boolean } = {},
): Run {
  const child = spawn(process.execPath, built ? source.slice(1) : source, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...usual, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }))
  return {
    ready: readyLineOf(child.stdout, ended),
    ended,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

function readyLineOf(stdout: Readable, ended: Promise<Ended>): Promise<Ready> {
  return new Promise((resolve, reject) => {
    let said = ''
    stdout.on('data', (text: string) => {
      said += text
      const [line] = said.match(/^\{"ready":true.*\}$(?=\n)/m) ?? []
      if (line !== undefined) resolve(JSON.parse(line))
    })
    ended.then(({ code, stderr }) => {
      reject(new Error(`The server ended with ${code} and was never ready: ${stderr}`))
    }, reject)
  })
}
