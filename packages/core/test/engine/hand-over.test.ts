import { describe, expect, test } from 'vitest'
import { memoryStorage } from '../../src/memory/memory-storage.ts'
import type { Event } from '../../src/model/event.ts'
import { createObservedCountersign, systemRuntime } from '../../src/runtime.ts'

const source = { address: '192.0.2.1' }
const stranger = {
  method: 'universal',
  identity: 'idn_00000000000000000000000000',
  credential: { clientSecret: 'wrong' },
} as const

function anObservedEngine() {
  const told: Event[] = []
  const instant = new Date('2026-03-01T12:00:00.000Z')
  const clock = (): Date => instant
  const { countersign, tellSinks } = createObservedCountersign(
    { ...systemRuntime, clock },
    {
      issuer: 'https://id.example.com',
      rootKeys: ['rYbX0z7kU5uKQ2jv3m1dW8oTq4hFsLcN9eGxPaIyZtE'],
      storage: memoryStorage({ clock }),
      sinks: [{ name: 'test', write: (events) => void told.push(...events) }],
    },
  )
  const knock = (): Promise<unknown> => countersign.login(stranger, source).catch(() => undefined)
  return { countersign, tellSinks, knock, told }
}

describe('createHandOver()', () => {
  test('keeps the refusals of the present second for a later pass', async () => {
    const { countersign, knock, told } = anObservedEngine()
    await knock()
    await countersign.maintain()
    expect(told).toEqual([])
  })

  test('close() hands over the refusals of the present second', async () => {
    const { countersign, knock, told } = anObservedEngine()
    await knock()
    await knock()
    await countersign.close()
    expect(told).toMatchObject([{ type: 'login.refused', reason: 'unknown_client', count: 2 }])
  })

  test('close() hands over everything, in as many batches as it takes', async () => {
    const { countersign, told } = anObservedEngine()
    const { organizations } = countersign.asHost('test')
    for (let count = 0; count < 1200; count += 1) await organizations.create({ name: `${count}` })
    await countersign.close()
    expect(told).toHaveLength(1200)
  })

  test('tellSinks() hands over everything, however much it is, and nothing twice', async () => {
    const { countersign, tellSinks, knock, told } = anObservedEngine()
    const { organizations } = countersign.asHost('test')
    for (let count = 0; count < 1200; count += 1) await organizations.create({ name: `${count}` })
    await knock()
    await tellSinks()
    await tellSinks()
    expect(told).toHaveLength(1201)
  })

  test('tellSinks() tells of the minute that was folded', async () => {
    const { countersign, tellSinks, told } = anObservedEngine()
    const host = countersign.asHost('test')
    const { id: organization } = await host.organizations.create({ name: 'Acme' })
    const authMethod = { method: 'universal', lockout: 'off' } as const
    const { identity } = await host.identities.create({ organization, name: 'a', authMethod })
    const attempt = { ...stranger, identity: identity.id }
    for (let count = 0; count < 100; count += 1)
      await countersign.login(attempt, source).catch(() => undefined)
    await tellSinks()
    const refused = told.filter(({ type }) => type === 'login.refused')
    expect(refused.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(100)
  })
})
