import { describe, expect, test } from 'vitest'
import { later } from '../../src/lib/time.ts'
import { memoryChannel } from '../../src/memory/memory-channel.ts'
import type { Principal } from '../../src/model/permission/principal.ts'
import type { TestEngine } from '../support/engine.ts'
import { anEngine } from '../support/engine.ts'
import { HOME, loggedIn } from '../support/workload.ts'

const never = new AbortController().signal

/** Watches until the watcher sleeps, so that what follows is heard. */
async function watching(
  { countersign, runtime }: TestEngine,
  principal: Principal,
  signal = never,
) {
  const before = runtime.pauses.length
  const end = countersign.watch(principal, signal)
  while (runtime.pauses.length === before) await Promise.resolve()
  return { end, pause: runtime.pauses.at(-1) }
}

describe('watch()', () => {
  test('sleeps until the token ends, and not longer', async () => {
    const workload = await loggedIn({ tokenPolicy: { ttl: 20 } })
    const { end, pause } = await watching(workload, await workload.authenticate())
    expect(pause?.seconds).toBe(20)
    workload.clock.advance(20)
    pause?.end()
    expect(await end).toBe('expired')
  })

  test('ends when the login is revoked, the identity disabled or its method detached', async () => {
    for (const take of [
      ({ revoke }) => revoke(),
      ({ host, key }) =>
        host.identities.update({ organization: 'acme', id: key.identity, disabled: true }),
      ({ host, key }) => host.authMethods.detach({ ...key, method: 'universal' }),
      ({ host, key }) => host.identities.delete({ organization: 'acme', id: key.identity }),
    ] as readonly ((workload: Awaited<ReturnType<typeof loggedIn>>) => Promise<unknown>)[]) {
      const workload = await loggedIn()
      const { end } = await watching(workload, await workload.authenticate())
      await take(workload)
      expect(await end).toBe('revoked')
    }
  })

  test('ends when a role is bound or taken away, and sleeps through what concerns others', async () => {
    const workload = await loggedIn()
    const { host, identity, runtime } = workload
    const { end } = await watching(workload, await workload.authenticate())
    const pauses = runtime.pauses.length
    await host.identities.create({ organization: 'acme', name: 'somebody else' })
    expect(runtime.pauses.length).toBe(pauses)
    await host.roleBindings.create({
      organization: 'acme',
      subject: { identity: identity.id },
      role: 'viewer',
    })
    expect(await end).toBe('changed')
  })

  test('ends at the very end of a window', async () => {
    const engine = anEngine()
    const { countersign, clock, host } = engine
    await host.organizations.create({ id: 'acme', name: 'Acme' })
    const until = later(clock.now(), 12)
    const principal = countersign.principalFor({
      user: 'u_1',
      organization: 'acme',
      bindings: [{ role: 'admin', until }],
    })
    const { end, pause } = await watching(engine, principal)
    expect(pause?.seconds).toBe(12)
    clock.advance(12)
    pause?.end()
    expect(await end).toBe('changed')
  })

  test('hears of another node by the channel', async () => {
    const channel = memoryChannel()
    const workload = await loggedIn({ engine: anEngine({ channel }) })
    const other = anEngine({ channel, beside: workload })
    const stop = new AbortController()
    const running = workload.countersign.run({ signal: stop.signal })
    const principal = await workload.authenticate()
    const { end } = await watching(workload, principal)
    await other.host.identities.update({ ...keyOf(workload), disabled: true })
    expect(await end).toBe('revoked')
    stop.abort()
    await running
  })

  test('ends when nobody wants to know any more', async () => {
    const workload = await loggedIn()
    const stop = new AbortController()
    const { end } = await watching(workload, await workload.authenticate(HOME), stop.signal)
    stop.abort()
    expect(await end).toBe('aborted')
  })
})

function keyOf({ key }: Awaited<ReturnType<typeof loggedIn>>) {
  return { organization: key.organization, id: key.identity }
}
