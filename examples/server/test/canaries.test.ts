import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Answer } from './clients.ts'
import { logIn, renew, revoke, whoami } from './clients.ts'
import { run } from './reference-server.ts'

const WRONG = 'cst_cs_C4n4ryWr0ngpX7qLm2Zt9VbKs5RdW8yHf3GjN6cUaEoTi1x'

test('LOG-001 the server logs its events, and no credential, whatever a client does with one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'server-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const server = run({ COUNTERSIGN_DATA: folder })
  const { url, clientId, clientSecret } = await server.ready
  const { accessToken } = (await (await logIn(url, { clientId, clientSecret })).json()) as Answer
  const renewed = (await (await renew(url, accessToken)).json()) as Answer
  await whoami(url, accessToken)
  await logIn(url, { clientId, clientSecret: WRONG })
  await logIn(url, { clientId: clientSecret, clientSecret: WRONG })
  await logIn(url, { clientId: WRONG, clientSecret: clientId })
  for (const token of [WRONG, clientSecret, `${accessToken}x`]) {
    await whoami(url, token)
    await renew(url, token)
    await revoke(url, token)
  }
  await revoke(url, accessToken)
  await whoami(url, accessToken)
  const { stdout, stderr } = await server.stop()
  const rootKey = (await readFile(join(folder, 'root.key'), 'utf8')).trim()
  const [ready = '', ...rest] = stdout.split('\n')
  expect(ready.split(clientSecret).length).toBe(2)
  expect(stderr).toContain('"login.granted"')
  expect(stderr).toContain('"login.refused"')
  expect(stderr).toContain('"token.revoked"')
  const logs = [...rest, stderr, ready.replace(clientSecret, '')].join('\n')
  for (const secret of [clientSecret, WRONG, accessToken, renewed.accessToken, rootKey])
    for (const encoding of ['utf8', 'base64url', 'hex'] as const) {
      const text = Buffer.from(secret).toString(encoding)
      for (const part of [text.slice(8, text.length / 2), text.slice(text.length / 2)])
        expect(logs.includes(part), 'a credential shows').toBe(false)
    }
})
