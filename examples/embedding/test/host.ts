import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from '@countersign/testkit'

/** One run of an app, as its operator starts it. */
export interface Host {
  readonly url: string
  /** Resolves with the exit code, after everything that it wrote to standard error. */
  stop(): Promise<{ readonly code: number | null; readonly stderr: string }>
}

/** A root key for all runs on one database. */
export const aRootKey = (): string => randomBytes(32).toString('base64url')

const source = ['--conditions=@countersign/source', '--import', 'tsx']

/** Starts `before` or `after` on a database; `built` takes the built packages, as CommonJS. */
export async function start(
  app: 'before' | 'after',
  database: string,
  { rootKey, built = false }: { readonly rootKey: string; readonly built?: boolean },
): Promise<Host> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [...(built ? [] : source), 'server.js'], {
    cwd: fileURLToPath(new URL(`../${app}`, import.meta.url)),
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: String(port),
      DATABASE_URL: database,
      PUBLIC_URL: url,
      COUNTERSIGN_ROOT_KEY: rootKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr }))
  const failed = ended.then(({ code }) => {
    throw new Error(`${app} ended with ${code} and never listened: ${stderr}`)
  })
  await Promise.race([once(child.stdout, 'data'), failed])
  failed.catch(() => undefined)
  return {
    url,
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}
