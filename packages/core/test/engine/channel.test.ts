import { expect, test } from 'vitest'
import { memoryChannel } from '../../src/memory/memory-channel.ts'
import type { InvalidationChannel } from '../../src/ports/channel.ts'
import type { TestEngine } from '../support/engine.ts'
import { anEngine } from '../support/engine.ts'
import { anIdentity, aSecret, HOME, loginAs } from '../support/workload.ts'

/** Two nodes of one deployment that remember for a minute, and the second one's principal. */
async function twoNodes(channel: InvalidationChannel | undefined) {
  const first = anEngine({ cacheTtl: 60, channel })
  const second = anEngine({ cacheTtl: 60, channel, beside: first })
  const stop = new AbortController()
  const running = [run(first, stop.signal), run(second, stop.signal)]
  const identity = await anIdentity(first, { identity: { role: 'admin' } })
  const { clientSecret } = await aSecret(first, identity)
  const { accessToken } = await loginAs(second, identity.id, clientSecret)
  const authenticate = () => second.countersign.authenticate(accessToken, HOME)
  const principal = await authenticate()
  const end = async (): Promise<void> => {
    stop.abort()
    await Promise.all(running)
  }
  return { first, second, identity, principal, authenticate, end }
}

function run({ countersign }: TestEngine, signal: AbortSignal): Promise<void> {
  return countersign.run({ signal })
}

test('run() hears what another node revoked, disabled and took away', async () => {
  const { first, identity, principal, authenticate, end } = await twoNodes(memoryChannel())
  expect(principal.can('identity:read')).toBe(true)
  const { organization, id } = identity
  const subject = { identity: id }
  const { items } = await first.host.roleBindings.list({ organization, subject })
  for (const binding of items)
    await first.host.roleBindings.delete({ organization, id: binding.id })
  expect((await authenticate()).can('identity:read')).toBe(false)
  await first.host.identities.update({ organization, id, disabled: true })
  await expect(authenticate()).rejects.toMatchObject({ reason: 'identity_disabled' })
  await end()
})

test('run() hears nothing without a channel, until cacheTtl is over', async () => {
  const { first, identity, authenticate, end, second } = await twoNodes(undefined)
  const { organization, id } = identity
  await first.host.identities.update({ organization, id, disabled: true })
  await expect(authenticate()).resolves.toBeDefined()
  second.clock.advance(60)
  await expect(authenticate()).rejects.toMatchObject({ reason: 'identity_disabled' })
  await end()
})

test('a change is no error where the channel cannot carry it', async () => {
  const broken: InvalidationChannel = {
    publish: async () => {
      throw new Error('connection refused')
    },
    subscribe: async () => {
      throw new Error('connection refused')
    },
  }
  const { first, identity, end } = await twoNodes(broken)
  const { organization, id } = identity
  await expect(
    first.host.identities.update({ organization, id, name: 'renamed' }),
  ).resolves.toMatchObject({ name: 'renamed' })
  await end()
})

test('a node does not take its own word for that of another', async () => {
  const { second, identity, authenticate, principal, end } = await twoNodes(memoryChannel())
  const { organization, id } = identity
  await second.host.identities.update({ organization, id, name: 'renamed' })
  second.clock.advance(20)
  expect(principal.can('identity:read')).toBe(true)
  expect((await authenticate()).name).toBe('renamed')
  await end()
})
