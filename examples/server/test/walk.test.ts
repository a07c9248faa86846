import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from './reference-server.ts'

const PAGE = new URL('../../../docs/guides/managing-over-http.md', import.meta.url)

/** A shell that stops at the first command that fails. */
async function execute(script: string, environment: Readonly<Record<string, string>>) {
  const options = { env: { PATH: process.env['PATH'] ?? '', ...environment } }
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], { ...options, timeout: 60_000 })
  let output = ''
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const [code] = await once(shell, 'close')
  return { code: code as number | null, output }
}

test('every command of the walk over HTTP works, in order', { timeout: 120_000 }, async () => {
  const page = await readFile(PAGE, 'utf8')
  const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
  expect(commands.length).toBeGreaterThan(7)
  const folder = await mkdtemp(join(tmpdir(), 'walk-'))
  const server = run({ COUNTERSIGN_DATA: folder })
  try {
    const { url, clientId, clientSecret } = await server.ready
    const environment = { URL: url, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret }
    const { code, output } = await execute(commands.join('\n'), environment)
    expect(code, output).toBe(0)
    expect(output).toContain('not a secret, but a demo')
  } finally {
    await server.stop('SIGKILL')
    await rm(folder, { recursive: true })
  }
})
