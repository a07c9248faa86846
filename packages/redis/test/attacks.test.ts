import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { connect, ownPrefix, redisUrl } from './support/clients.ts'
import { openDatabase } from './support/database.ts'
import type { NodeProcess } from './support/processes.ts'
import { startProcess } from './support/processes.ts'

const database = await openDatabase()
const redis = await redisUrl()
const soak = process.env['COUNTERSIGN_SOAK'] === '1'
const PROCESSES = 4
/** Ids that nobody knows, and how many are tried at once. */
const GUESSES = soak ? 1_000_000 : 20_000
const CROWD = 100
const organization = 'acme'

describe.skipIf(database === undefined || redis === undefined)('four processes', () => {
  if (database === undefined || redis === undefined) return
  const prefix = ownPrefix()
  let nodes: readonly NodeProcess[] = []

  beforeAll(async () => {
    const rootKey = randomBytes(32).toString('base64url')
    const shared = { database: database.url, redis, rootKey, prefix }
    const settings = {
      ...shared,
      cacheTtl: 1,
      channel: 'redis',
      counters: true,
      timeout: 5,
    } as const
    nodes = await Promise.all(Array.from({ length: PROCESSES }, () => startProcess(settings)))
    await first().get('host', 'organizations.ensure', { id: organization, name: 'Acme' })
  }, 60_000)
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.close()))
    await database.drop()
  })

  const first = (): NodeProcess => nodes[0] ?? assert.fail()

  async function register(authMethod: object = {}): Promise<Account> {
    const { identity } = await first().get<{ identity: { id: string } }>(
      ...(['host', 'identities.create', worker(authMethod)] as const),
    )
    const key = { organization, identity: identity.id }
    const { clientSecret } = await first().get<{ clientSecret: string }>(
      ...(['host', 'clientSecrets.create', key] as const),
    )
    return { identity: identity.id, clientSecret }
  }

  /** Lets every process do its share of many calls at the same time. */
  async function together(
    count: number,
    call: (node: NodeProcess, index: number) => ReturnType<NodeProcess['call']>,
  ): Promise<readonly string[]> {
    const answers = await Promise.all(
      Array.from({ length: count }, (_, index) => call(nodes[index % PROCESSES] ?? first(), index)),
    )
    return answers.map(({ outcome }) => outcome)
  }

  test('LCK-002 lock at the third failure, however many fail at once', async () => {
    const { identity, clientSecret } = await register()
    const right = 120
    const outcomes = await together(200, (node, index) =>
      node.call('login', identity, index === right ? clientSecret : wrong(clientSecret)),
    )
    const failed = outcomes.filter((outcome) => outcome === 'invalid_credential').length
    const granted = outcomes[right] === 'ok'
    // A grant among them clears what was counted before it, once.
    assert.ok(failed >= 3 && failed <= (granted ? 5 : 3), `${failed} failures were counted`)
    const after = await together(PROCESSES, (node) => node.call('login', identity, clientSecret))
    assert.deepEqual(new Set(after), new Set(['locked_out']))
  })

  test('LCK-003 grant all of many right logins at once', async () => {
    const { identity, clientSecret } = await register()
    const outcomes = await together(100, (node) => node.call('login', identity, clientSecret))
    assert.deepEqual(new Set(outcomes), new Set(['ok']))
  })

  test('LCK-011 count from anew after a grant, whatever failed at the same instant', async () => {
    const lockout = { threshold: 10 }
    for (let round = 0; round < (soak ? 500 : 25); round += 1) {
      const { identity, clientSecret } = await register({ lockout })
      const fail = (node: NodeProcess) => node.call('login', identity, wrong(clientSecret))
      for (let count = 0; count < 2; count += 1) await fail(first())
      await together(2, (node, index) =>
        index === 0 ? node.call('login', identity, clientSecret) : fail(node),
      )
      // Nine more are as many as there may be: with one left over from before they would lock.
      const failures = await together(8, fail)
      assert.deepEqual(new Set(failures), new Set(['invalid_credential']))
      assert.equal((await first().call('login', identity, clientSecret)).outcome, 'ok')
    }
  }, 120_000)

  test('LCK-012 see at once that lockout was switched off', async () => {
    const { identity, clientSecret } = await register()
    await together(3, (node) => node.call('login', identity, wrong(clientSecret)))
    assert.equal((await first().call('login', identity, clientSecret)).outcome, 'locked_out')
    const off = { organization, identity, method: 'universal', lockout: 'off' }
    await first().get('host', 'authMethods.update', off)
    const outcomes = await together(PROCESSES, (node) => node.call('login', identity, clientSecret))
    assert.deepEqual(new Set(outcomes), new Set(['ok']))
  })

  test('LCK-005 keep nothing of ids that nobody knows, but a bounded shadow in memory', async () => {
    const node = first()
    const { client, end } = await connect(redis)
    const guess = async (from: number, count: number): Promise<void> => {
      const unknown = (index: number): string => `idn_${String(from + index).padStart(26, '0')}`
      const secret = wrong((await register()).clientSecret)
      for (let index = 0; index < count; index += CROWD)
        await Promise.all(
          Array.from({ length: CROWD }, (_, one) =>
            node.call('login', unknown(index + one), secret),
          ),
        )
    }
    await guess(0, GUESSES / 5)
    const before = await node.get<number>('memory')
    await guess(GUESSES, GUESSES)
    const grown = ((await node.get<number>('memory')) - before) / 1024 / 1024
    assert.ok(grown < 64, `${grown} MB`)
    assert.deepEqual(await client.keys(`${prefix}*failures:idn_0000*`), [])
    const { rows } = await database.pool.query(
      `SELECT count(*)::int AS count FROM countersign.counters WHERE identity LIKE 'idn_0000%'`,
    )
    assert.equal(rows[0]?.count, 0)
    await end()
  }, 600_000)

  test('USE-003 accept a limited token exactly as often as it may be used', async () => {
    const { identity, clientSecret } = await register({ tokenPolicy: { maxUses: 5 } })
    const token = await first().get<string>('login', identity, clientSecret)
    const outcomes = await together(400, (node) => node.call('authenticate', token))
    assert.equal(outcomes.filter((outcome) => outcome === 'ok').length, 5)
    assert.equal(outcomes.filter((outcome) => outcome === 'invalid_token').length, 395)
  })
})

interface Account {
  readonly identity: string
  readonly clientSecret: string
}

function worker(authMethod: object): object {
  return { organization, name: 'worker', authMethod: { method: 'universal', ...authMethod } }
}

function wrong(secret: string): string {
  return secret.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
}
