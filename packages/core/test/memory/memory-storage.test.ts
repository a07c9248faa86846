import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { MemoryStorageOptions } from '../../src/memory/memory-storage.ts'
import { memoryStorage } from '../../src/memory/memory-storage.ts'
import { compareText } from '../../src/memory/order.ts'
import type { Event, Identity, Organization, Storage } from '../../src/plugin.ts'

const now = new Date('2026-03-01T12:00:00.000Z')

function aStorage(options: MemoryStorageOptions = {}): Storage {
  return memoryStorage({ clock: () => now, ...options })
}

function anEvent(count: number): Event {
  const actor = { kind: 'anonymous' } as const
  const target = { kind: 'clock', id: 'any' } as const
  return { v: 1, id: `evt_${count}`, type: 'clock.drifted', at: now, actor, target }
}

const acme: Organization = {
  id: 'acme',
  name: 'Acme',
  revision: 1,
  createdAt: now,
  updatedAt: now,
}

function anIdentity(count: number): Identity {
  return {
    id: `idn_${count}`,
    organization: 'acme',
    name: `worker ${count}`,
    slug: `worker-${count}`,
    metadata: {},
    disabled: false,
    deleteProtection: false,
    createdBy: { kind: 'host', label: 'test' },
    generation: 1,
    revision: 1,
    createdAt: now,
    updatedAt: now,
  }
}

describe('memoryStorage()', () => {
  test('now() answers the time of its clock, and no clock of its own', async () => {
    assert.deepEqual(await aStorage().now(), now)
  })

  test('read() answers at least the newest `keepEvents` events, at the positions they have always had', async () => {
    const { outbox, trail } = aStorage({ keepEvents: 3 })
    for (let count = 1; count <= 10; count += 1) {
      await outbox.append([anEvent(count)])
      const { events } = await trail.open(1)
      const sealed = { position: count, index: count, hash: `hash ${count}` }
      const at = now
      await trail.seal({
        after: count - 1,
        at,
        events: events.map((open) => ({ ...open, ...sealed })),
      })
    }
    const positions = (await trail.read(0, 100)).map(({ position }) => position)
    assert.deepEqual(positions, [7, 8, 9, 10])
    assert.deepEqual(await trail.read(9, 100), [
      { position: 10, index: 10, hash: 'hash 10', event: anEvent(10) },
    ])
    assert.deepEqual(await trail.read(10, 100), [])
  })

  test('open() answers at least the newest `keepEvents` events where nobody seals any', async () => {
    const { outbox, trail } = aStorage({ keepEvents: 3 })
    for (let count = 1; count <= 10; count += 1) await outbox.append([anEvent(count)])
    const { events } = await trail.open(100)
    assert.deepEqual(
      events.map(({ event }) => event.id),
      ['evt_7', 'evt_8', 'evt_9', 'evt_10'],
    )
  })
})

describe('transaction()', () => {
  test('transaction() runs again where what it read was changed meanwhile', async () => {
    const { organizations, transaction } = aStorage()
    await organizations.insert(acme, [])
    let runs = 0
    await transaction(async (stores) => {
      runs += 1
      const read = await stores.organizations.find('acme')
      if (runs === 1) await organizations.replace({ ...acme, name: 'Other', revision: 2 }, [])
      if (read !== undefined)
        await stores.organizations.replace({ ...read, revision: read.revision + 1 }, [])
    })
    assert.equal(runs, 2)
    const { name, revision } = (await organizations.find('acme')) ?? acme
    assert.deepEqual([name, revision], ['Other', 3])
  })

  test('transaction() runs again where a row appeared among those it had listed', async () => {
    const { organizations, transaction } = aStorage()
    const query = { filter: {}, order: 'id', limit: 10 } as const
    let runs = 0
    const counted = await transaction(async (stores) => {
      runs += 1
      const { rows } = await stores.organizations.page(query)
      if (runs === 1) await organizations.insert(acme, [])
      return rows.length
    })
    assert.deepEqual([runs, counted], [2, 1])
  })

  test('transaction() does not run again for a change beside what it read', async () => {
    const { organizations, transaction } = aStorage()
    await organizations.insert(acme, [])
    let runs = 0
    await transaction(async (stores) => {
      runs += 1
      await stores.organizations.find('acme')
      await organizations.insert({ ...acme, id: `other ${runs}` }, [])
    })
    assert.equal(runs, 1)
  })

  test('transaction() gives up with `conflict` after five more runs, and writes nothing', async () => {
    const { organizations, transaction } = aStorage()
    await organizations.insert(acme, [])
    let runs = 0
    const contended = transaction(async (stores) => {
      runs += 1
      const read = (await stores.organizations.find('acme')) ?? acme
      await organizations.replace({ ...read, revision: read.revision + 1 }, [])
      await stores.organizations.replace({ ...read, name: 'mine', revision: read.revision + 1 }, [])
    })
    await assert.rejects(contended, { code: 'conflict' })
    assert.equal(runs, 6)
    assert.equal((await organizations.find('acme'))?.name, 'Acme')
  })

  test('transaction() goes on after one that threw while it was run again', async () => {
    const { organizations, transaction } = aStorage()
    await organizations.insert(acme, [])
    let runs = 0
    const failing = transaction(async (stores) => {
      runs += 1
      await stores.organizations.find('acme')
      if (runs === 2) throw new Error('second run')
      await organizations.replace({ ...acme, revision: 2 }, [])
    })
    await assert.rejects(failing, /second run/)
    const found = await transaction(async (stores) => stores.organizations.find('acme'))
    assert.equal(found?.revision, 2)
  })
})

describe('compareText()', () => {
  test('compareText() orders by code point, as UTF-8 does', () => {
    const texts = [
      '',
      'B',
      'a',
      'aa',
      'b',
      'é',
      '\ud7ff',
      '\ue000',
      '\uff5e',
      '\u{1f600}',
      '\u{10ffff}',
    ]
    assert.deepEqual([...texts].reverse().sort(compareText), texts)
  })
})

describe('cost', () => {
  test('find() costs the same among many identities as among few', async () => {
    const few = await costOfFinding(1000)
    const many = await costOfFinding(32_000)
    assert.ok(many <= 8 * few, `${many} ms against ${few} ms`)
  })
})

/** Milliseconds of the fastest of five rounds; a scan would cost 32 times as much among the many. */
async function costOfFinding(count: number): Promise<number> {
  const { organizations, identities, logins } = aStorage()
  await organizations.insert(acme, [])
  for (let index = 0; index < count; index += 1) await identities.insert(anIdentity(index), [])
  const rounds: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const start = performance.now()
    for (let index = 0; index < 300; index += 1) {
      const identity = `idn_${(index * 7919) % count}`
      await identities.find('acme', identity)
      await identities.insert(anIdentity(index), [])
      await logins.find({ identity, method: 'universal', source: 'any', digests: [] }, now)
    }
    rounds.push(performance.now() - start)
  }
  return Math.min(...rounds)
}
