import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logInByForm, whoami } from './clients.ts'
import { run } from './reference-server.ts'

// Starts the server on the built packages, logs in, and stops it.
const folder = await mkdtemp(join(tmpdir(), 'smoke-'))
const server = run({ COUNTERSIGN_DATA: folder, COUNTERSIGN_STORAGE: '' }, { built: true })
try {
  const ready = await server.ready
  const { accessToken, expiresIn, accessTokenMaxTTL } = await logInByForm(ready.url, ready)
  assert.deepEqual([expiresIn, accessTokenMaxTTL], [7200, 7200])
  assert.equal((await whoami(ready.url, accessToken)).status, 200)
  assert.equal((await whoami(ready.url)).status, 401)
  const secret = `${ready.url}/api/projects/${ready.project}/secrets/prod/apps/api`
  const headers = { authorization: `Bearer ${accessToken}` }
  assert.equal((await fetch(secret, { headers })).status, 200)
  assert.equal((await fetch(secret)).status, 401)
  assert.equal((await server.stop()).code, 0)
  console.log('The reference server starts, logs a workload in, shows it a secret, and stops')
} finally {
  await server.stop('SIGKILL')
  await rm(folder, { recursive: true })
}
