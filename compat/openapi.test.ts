import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Ready, Run } from '../examples/server/test/reference-server.ts'
import { run } from '../examples/server/test/reference-server.ts'

const REDOCLY = fileURLToPath(new URL('node_modules/.bin/redocly', import.meta.url))

let folder: string
let server: Run
let ready: Ready

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arazzo-'))
  await cp(fileURLToPath(new URL('arazzo', import.meta.url)), folder, { recursive: true })
  server = run({ COUNTERSIGN_DATA: join(folder, 'server') })
  ready = await server.ready
  const document = await (await fetch(`${ready.url}/openapi.json`)).text()
  await writeFile(join(folder, 'openapi.json'), document)
})

after(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

/** Runs Redocly in the folder of the documents; it may tell nobody about it. */
function redocly(...args: readonly string[]) {
  const quiet = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' }
  const env = { PATH: process.env['PATH'] ?? '', ...quiet }
  const options = { cwd: folder, env, encoding: 'utf8', timeout: 120_000 } as const
  const { status, stdout, stderr } = spawnSync(REDOCLY, args, options)
  return { status, output: `${stdout}${stderr}` }
}

function respect(clientSecret: string) {
  const servers = [`engine=${ready.url}`, `host=${ready.url}`].flatMap((said) => ['--server', said])
  const input = ['--input', JSON.stringify({ clientId: ready.clientId, clientSecret })]
  return redocly('respect', 'four-steps.arazzo.yaml', ...servers, ...input)
}

test('The OpenAPI document is valid', () => {
  const { status, output } = redocly('lint', 'openapi.json')
  assert.equal(status, 0, output)
  assert.match(output, /Your API description is valid/)
})

test('A document with an answer that says nothing is not', async () => {
  const document = JSON.parse(await readFile(join(folder, 'openapi.json'), 'utf8'))
  document.paths['/api/v1/identities'].post.responses['200'] = {}
  await writeFile(join(folder, 'broken.json'), JSON.stringify(document))
  const { status, output } = redocly('lint', 'broken.json')
  assert.equal(status, 1, output)
  assert.match(output, /The field `description` must be present/)
})

test('The four steps of the concept page run as a workflow, and every answer is as documented', () => {
  const { status, output } = respect(ready.clientSecret)
  assert.equal(status, 0, output)
  assert.match(output, /Steps: 9 passed, 9 total/)
})

test('The workflow fails where the administrator cannot log in', () => {
  const { status, output } = respect('wrong')
  assert.equal(status, 1, output)
})
