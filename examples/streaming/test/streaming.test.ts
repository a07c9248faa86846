import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Stage } from '../src/stage.ts'
import { openStage } from '../src/stage.ts'

const home = { address: '127.0.0.1' }

describe('a stream', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openStage()
  })
  afterEach(() => stage.close())

  /** Opens a stream, and answers when it is open. */
  async function open(token: string) {
    const response = await fetch(stage.url, { headers: { authorization: `Bearer ${token}` } })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const next = async () => (await reader?.read())?.value
    expect(await next()).toBe('event: open\ndata: dashboard\n\n')
    return next
  }

  test('ends when its token is revoked', async () => {
    const token = await stage.logIn()
    const next = await open(token)
    await stage.countersign.revoke(token, home)
    expect(await next()).toBe('event: end\ndata: revoked\n\n')
    expect(await next()).toBeUndefined()
  })

  test('lives on when another token is revoked, and when another right comes', async () => {
    const { countersign, organization, identity } = stage
    const token = await stage.logIn()
    const next = await open(token)
    await countersign.revoke(await stage.logIn(), home)
    const host = countersign.asHost('test')
    await host.roleBindings.create({ organization, subject: { identity }, role: 'viewer' })
    await countersign.revoke(token, home)
    expect(await next()).toBe('event: end\ndata: revoked\n\n')
  })

  test('ends when its right is taken away', async () => {
    const { countersign, organization, identity } = stage
    const next = await open(await stage.logIn())
    const { roleBindings } = countersign.asHost('test')
    const { items } = await roleBindings.list({ organization, subject: { identity } })
    for (const { id } of items) await roleBindings.delete({ organization, id })
    expect(await next()).toBe('event: end\ndata: changed\n\n')
  })

  test('opens for nobody without a token', async () => {
    expect((await fetch(stage.url)).status).toBe(401)
  })
})

test('The example shows it, and ends with 0', async () => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const options = ['--conditions=@countersign/source', '--import', 'tsx', main]
  const { stdout } = await promisify(execFile)(process.execPath, options)
  expect(stdout).toContain('The token was revoked, and the stream ended')
})
