import type { Storage } from '@countersign/core'
import { migrate, postgresStorage } from '@countersign/postgres'
import { createDatabase } from '@countersign/testkit'
import pg from 'pg'
import { anEngine } from '../support/engine.ts'
import type { Verbs } from './hot-statements.ts'
import { growingVerbs, listVerbs, requestVerbs, sentBy } from './hot-statements.ts'
import type { Operation, Site } from './latency.ts'
import { OPERATIONS, openSite } from './latency.ts'
import type { Plan } from './plans.ts'
import { preparePlan } from './plans.ts'
import type { Population } from './population.ts'
import { gatherStatistics, openMonths, populate } from './population.ts'

/** What a run shall do. */
export interface ScaleOptions {
  readonly size: Population
  /** How many workloads log in, and how often each of them is timed. */
  readonly workloads: number
  readonly rounds: number
  readonly log?: (line: string) => void
}

/** What a run found. */
export interface ScaleReport {
  readonly bytes: number
  readonly latencies: readonly Latency[]
  readonly plans: readonly NamedPlan[]
  /** Of searches that have no index. */
  readonly growing: readonly NamedPlan[]
  readonly sweep: Sweep
  /** Logins a second, all workloads at once. */
  readonly logins: number
  /** Milliseconds of one pass of maintenance that finds nothing to forget. */
  readonly maintenance: number
}

/** How long one operation takes, beside an empty database of the same server. */
export interface Latency {
  readonly operation: Operation
  readonly empty: Waits
  readonly full: Waits
}

/** The middle and the slow end, in milliseconds. */
export interface Waits {
  readonly p50: number
  readonly p95: number
}

/** The plan for any values of one statement. */
export interface NamedPlan extends Plan {
  readonly name: string
}

/** How fast what is over is forgotten. */
export interface Sweep {
  readonly rows: number
  readonly seconds: number
  readonly slowest: number
}

/** Fills a database and measures it beside an empty one. */
export async function runScale(server: string, options: ScaleOptions): Promise<ScaleReport> {
  const { size, workloads, rounds, log = () => undefined } = options
  const [empty, full] = [await openBase(server), await openBase(server)]
  try {
    const engine = await anEngine(full.pool)
    const done = timed(log)
    await openMonths(full.pool)
    await populate(full.pool, full.storage, size, done)
    await gatherStatistics(full.pool)
    done('statistics')
    const plans = await plansOf(full.pool, { ...requestVerbs(size), ...listVerbs(size) })
    const growing = await plansOf(full.pool, growingVerbs)
    log('The plans are made')
    const small = await openSite(await anEngine(empty.pool), workloads)
    const large = await openSite(engine, workloads, size)
    const latencies = await compare(small, large, rounds)
    log('The latencies are taken')
    const logins = await large.rush()
    const sweep = await sweepAll(full.storage)
    const start = performance.now()
    await engine.maintain()
    const maintenance = performance.now() - start
    const { rows } = await full.pool.query('SELECT pg_database_size(current_database()) AS bytes')
    return { bytes: Number(rows[0].bytes), latencies, plans, growing, sweep, logins, maintenance }
  } finally {
    await Promise.all([empty.close(), full.close()])
  }
}

interface Base {
  readonly pool: pg.Pool
  readonly storage: Storage
  close(): Promise<void>
}

async function openBase(server: string): Promise<Base> {
  const { url, drop } = await createDatabase(server)
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  await migrate(pool)
  const storage = postgresStorage({ pool, timeout: 60 })
  return {
    pool,
    storage,
    async close() {
      await pool.end()
      await drop()
    },
  }
}

function timed(log: (line: string) => void): (what: string) => void {
  let before = performance.now()
  return (what) => {
    const now = performance.now()
    log(`${what.padEnd(20)} ${((now - before) / 1000).toFixed(1).padStart(7)} s`)
    before = now
  }
}

async function plansOf(pool: pg.Pool, verbs: Verbs): Promise<readonly NamedPlan[]> {
  const client = await pool.connect()
  try {
    const plans: NamedPlan[] = []
    for (const [name, verb] of Object.entries(verbs)) {
      const prepared = await preparePlan(client, await sentBy(verb))
      // The first run reads what no cache holds yet.
      await prepared.run('custom')
      plans.push({ name, ...(await prepared.run('custom')) })
    }
    return plans
  } finally {
    client.release(true)
  }
}

/** Times both in turn, so that whoever else is on the machine disturbs both alike. */
async function compare(empty: Site, full: Site, rounds: number): Promise<readonly Latency[]> {
  const waits = OPERATIONS.map((operation) => ({
    operation,
    empty: [] as number[],
    full: [] as number[],
  }))
  for (let round = 0; round < rounds; round += 1)
    for (const taken of waits) {
      taken.empty.push(...(await empty.time(taken.operation)))
      taken.full.push(...(await full.time(taken.operation)))
    }
  return waits.map((taken) => ({
    operation: taken.operation,
    empty: waitsOf(taken.empty),
    full: waitsOf(taken.full),
  }))
}

function waitsOf(milliseconds: readonly number[]): Waits {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
  return { p50: at(0.5), p95: at(0.95) }
}

/** What `maintain()` forgets in one pass. */
const BATCH = 1000

async function sweepAll(storage: Storage): Promise<Sweep> {
  const began = performance.now()
  let rows = 0
  let slowest = 0
  for (;;) {
    const start = performance.now()
    const swept = await storage.sweep(new Date(), BATCH)
    slowest = Math.max(slowest, performance.now() - start)
    rows += swept
    if (swept < BATCH) break
  }
  return { rows, seconds: (performance.now() - began) / 1000, slowest }
}
