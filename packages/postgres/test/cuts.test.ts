import assert from 'node:assert/strict'
import type { Storage } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import type { Sender } from '@countersign/testkit'
import { afterAll, beforeEach, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'
import { createFaulty } from './support/faulty.ts'
import { anEvent, at } from './support/records.ts'
import type { Workload } from './support/workload.ts'
import { seedWorkload } from './support/workload.ts'

const database = await openDatabase()

/** Something that is done once and leaves one event, and how to see whether it was done. */
interface Change {
  do(storage: Storage, workload: Workload): Promise<unknown>
  isDone(storage: Storage, workload: Workload): Promise<boolean>
}

const event = anEvent()

const changes: Readonly<Record<string, Change>> = {
  grant: {
    do: ({ logins }, { grant }) => logins.grant(grant(), at(0), [event]),
    isDone: async ({ clientSecrets }, { secret }) =>
      (await clientSecrets.find('acme', secret.id))?.uses === 1,
  },
  revoke: {
    do: ({ tokens }) => tokens.revoke({ organization: 'acme', id: 'sid_1', until: at(9) }, [event]),
    isDone: async ({ tokens }, { standing }) => (await tokens.find(standing, at(0))).revoked,
  },
  rotate: {
    do: ({ clientSecrets }, { secret }) =>
      clientSecrets.rotate(
        {
          organization: 'acme',
          id: secret.id,
          successor: { ...secret, id: 'csc_2', replaces: secret.id },
          digest: { rootKey: 'key', value: 'successor' },
          endsAt: at(60),
        },
        [event],
      ),
    isDone: async ({ clientSecrets }, { secret }) => {
      const replaced = (await clientSecrets.find('acme', secret.id))?.replacedBy !== undefined
      const successor = (await clientSecrets.find('acme', 'csc_2')) !== undefined
      assert.equal(replaced, successor)
      return successor
    },
  },
  transaction: {
    do: (storage, { identity }) =>
      storage.transaction(async ({ identities, organizations }) => {
        await organizations.hold('acme')
        await identities.replace({ ...identity, name: 'renamed', revision: 2 }, [event])
      }),
    isDone: async ({ identities }, { identity }) =>
      (await identities.find('acme', identity.id))?.name === 'renamed',
  },
  'the first signing key': {
    do: ({ keys }) => {
      const key = { kid: 'first', algorithm: 'EdDSA', sealed: 'seal' } as const
      return keys.ensure({ ...key, createdAt: at(0), activeFrom: at(0) }, [event])
    },
    isDone: async ({ keys }) => {
      const { revision, keys: stored } = await keys.list()
      assert.equal(revision, stored.length)
      return stored.length === 1
    },
  },
}

describe.skipIf(database === undefined)('a connection that is cut', () => {
  if (database === undefined) return
  const { pool, url, empty } = database
  const honest = postgresStorage({ pool, timeout: 20 })
  beforeEach(() => empty())
  afterAll(() => database.drop())

  for (const [name, change] of Object.entries(changes))
    for (const sender of ['client', 'server'] as const)
      test(`${name}: happened with its event or not at all, whichever message of the ${sender} was the last`, async () => {
        const outcomes: boolean[] = []
        for (let message = 1; message <= 200; message += 1) {
          const { cut, done } = await cutAt(change, sender, message)
          outcomes.push(done)
          if (!cut) break
        }
        assert.equal(outcomes.at(0), false)
        assert.equal(outcomes.at(-1), true)
        assert.ok(outcomes.length > 3, `only ${outcomes.length} messages`)
      }, 120_000)

  async function cutAt(change: Change, sender: Sender, message: number) {
    await empty()
    const workload = await seedWorkload(honest)
    const faulty = await createFaulty(url)
    try {
      faulty.proxy.cutAfter(sender, message)
      let cut = false
      await change.do(faulty.storage, workload).catch(() => {
        cut = true
      })
      // What the server was sent before the cut, it may still be doing.
      if (cut) await settle()
      const done = await change.isDone(honest, workload)
      const { events } = await honest.trail.open(10)
      assert.equal(events.length, done ? 1 : 0, `${message} messages of the ${sender}`)
      if (!cut) assert.equal(done, true)
      return { cut, done }
    } finally {
      await faulty.close()
    }
  }

  /** Waits until the server has noticed the cut: then no session of the storage that was cut is left. */
  async function settle(): Promise<void> {
    const sessions = "SELECT pid FROM pg_stat_activity WHERE application_name = 'faulty'"
    while ((await pool.query(sessions)).rows.length > 0);
  }
})
