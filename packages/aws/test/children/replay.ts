// One of several processes that show one signed request many times. It says that it is ready when all of its logins are
// verified and stand before the authority, and lets them go together. A `naive` storage has read the mark by then.

import { createHash } from 'node:crypto'
import { aws } from '@countersign/aws'
import { createCountersign } from '@countersign/core'
import type { LoginGrant, Storage } from '@countersign/core/plugin'
import { isCountersignError } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import { createGate } from '@countersign/testing/conformance'
import pg from 'pg'
import { AUDIENCE, HOME } from '../support/names.ts'

const { url, rootKey, endpoint, identity, credential, times, kind } = JSON.parse(
  process.argv[2] ?? '',
)
const pool = new pg.Pool({ connectionString: url, max: 10 })
const everybody = createGate(times)
const told = new Promise((resolve) => {
  process.stdin.once('data', resolve)
})
let isReady = false

async function wait(): Promise<void> {
  await everybody()
  if (!isReady) process.stdout.write('ready\n')
  isReady = true
  await told
}

const countersign = createCountersign({
  issuer: 'https://id.example.com',
  rootKeys: [rootKey],
  storage: behindGate(postgresStorage({ pool, timeout: 60 })),
  verifiers: [aws({ audience: AUDIENCE, endpoints: [endpoint], patience: 60 })],
  rateLimits: 'off',
})
await countersign.ready()
const outcomes: Record<string, number> = {}
await Promise.all(
  Array.from({ length: times }, async () => {
    const outcome = await logIn()
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }),
)
process.stdout.write(`${JSON.stringify(outcomes)}\n`)
await pool.end()
process.exit()

async function logIn(): Promise<string> {
  try {
    await countersign.login({ method: 'aws', identity, credential }, HOME)
    return 'granted'
  } catch (error) {
    return isCountersignError(error) ? `${error.code} ${error.reason ?? ''}`.trim() : String(error)
  }
}

function behindGate(storage: Storage): Storage {
  const { logins } = storage
  return {
    ...storage,
    logins: {
      ...logins,
      async grant(grant, now, events) {
        const seen = kind === 'naive' && (await wasSeen(grant))
        await wait()
        if (kind !== 'naive') return logins.grant(grant, now, events)
        if (seen) return 'evidence_replayed'
        await leaveMark(grant)
        return logins.grant({ ...grant, charges: [] }, now, events)
      },
    },
  }
}

async function wasSeen(grant: LoginGrant): Promise<boolean> {
  const text = 'SELECT FROM countersign.once WHERE digest = $1'
  return (await pool.query(text, [digestOf(grant)])).rowCount !== 0
}

async function leaveMark(grant: LoginGrant): Promise<void> {
  const text = 'INSERT INTO countersign.once VALUES ($1, $2) ON CONFLICT DO NOTHING'
  await pool.query(text, [digestOf(grant), Date.now() + 900_000])
}

function digestOf({ charges: [charge] }: LoginGrant): Buffer {
  if (charge?.kind !== 'once') throw new Error('The login leaves no mark')
  return createHash('sha256').update(charge.key).digest()
}
