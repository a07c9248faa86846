import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createMessageReader, openServerDesk, serverUrl } from '@countersign/testkit'
import { inject, test, vi } from 'vitest'

test('serverUrl() answers a Redis that was started for this run', async () => {
  const url = await serverUrl(inject('servers'), 'redis')
  if (url === undefined) return
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write('PING\r\n')
  const [answer] = await once(socket, 'data')
  assert.equal(String(answer), '+PONG\r\n')
  socket.destroy()
})

test('openServerDesk() starts each server once, when it is first asked for, and stops what it started', async () => {
  const calls: string[] = []
  const start = (name: string) => async () => {
    calls.push(`start ${name}`)
    return { url: `${name}://here`, stop: async () => void calls.push(`stop ${name}`) }
  }
  const desk = await openServerDesk({ one: start('one'), two: start('two') })
  const urls = await Promise.all([1, 2, 3].map(() => serverUrl(desk.url, 'one')))
  assert.deepEqual(new Set(urls), new Set(['one://here']))
  await desk.close()
  assert.deepEqual(calls, ['start one', 'stop one'])
})

test('serverUrl() fails with CI set where a server cannot start, and otherwise says what is skipped', async () => {
  const start = async () => {
    throw new Error('no such program')
  }
  const desk = await openServerDesk({ broken: start })
  const said = vi.spyOn(console, 'error').mockReturnValue()
  vi.stubEnv('CI', '1')
  await assert.rejects(serverUrl(desk.url, 'broken'), { message: /no such program/ })
  vi.stubEnv('CI', '')
  assert.equal(await serverUrl(desk.url, 'broken'), undefined)
  assert.match(String(said.mock.calls.at(0)), /SKIPPED: every test that needs broken/)
  vi.unstubAllEnvs()
  said.mockRestore()
  await desk.close()
})

test('createMessageReader() cuts a stream into its messages, however it arrives', () => {
  const startup = Buffer.from([0, 0, 0, 8, 0, 3, 0, 0])
  const query = Buffer.from('Q\u0000\u0000\u0000\u0006x\u0000', 'latin1')
  const stream = Buffer.concat([startup, query, query])
  for (let at = 1; at < stream.length; at += 1) {
    const reader = createMessageReader('client')
    const messages = [...reader.read(stream.subarray(0, at)), ...reader.read(stream.subarray(at))]
    assert.deepEqual(messages, [startup, query, query])
  }
})
