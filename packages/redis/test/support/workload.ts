import { systemRuntime } from '@countersign/core/runtime'
import type { FaultProxy } from '@countersign/testkit'
import type { Record } from './history.ts'
import type { NodeProcess } from './processes.ts'

/** Somebody who may log in, and how often each of its tokens may be used. */
export interface Actor {
  readonly identity: string
  readonly clientSecret: string
  readonly limit: number | undefined
}

/** What is asked of the nodes, and what breaks meanwhile. */
export interface WorkloadOptions {
  readonly nodes: readonly NodeProcess[]
  readonly actors: readonly Actor[]
  readonly operations: number
  readonly seed: number
  /** Networks of which one breaks, again and again. */
  readonly networks?: readonly FaultProxy[]
}

/** All that was asked of one login. */
export interface LoginHistory {
  readonly actor: Actor
  readonly records: readonly Record[]
}

interface Login {
  readonly token: string
  readonly actor: Actor
  readonly records: Record[]
  /** Operations until it is left alone. */
  left: number
}

/** What one login lives to see, at the most, and after it was revoked. */
const OPERATIONS_A_LOGIN = 120
const OPERATIONS_AFTER = 60
const WORKERS_A_NODE = 3
/** Milliseconds between two operations of a worker: staleness shows only to who comes again later. */
const PACE = 40

/** Lets every node do many things at once to few logins, and records what was asked when, and what came of it. */
export async function recordHistory(options: WorkloadOptions): Promise<readonly LoginHistory[]> {
  const { nodes, actors, operations } = options
  const random = createRandom(options.seed)
  const histories: Login[] = []
  const open = new Map<Actor, Login>()
  const never = new AbortController().signal
  let left = operations

  async function loginOf(actor: Actor, node: NodeProcess): Promise<Login | undefined> {
    const present = open.get(actor)
    if (present !== undefined && present.left > 0) return present
    const { outcome, value } = await node.call('login', actor.identity, actor.clientSecret)
    if (outcome !== 'ok') return undefined
    const login = { token: String(value), actor, records: [], left: OPERATIONS_A_LOGIN }
    histories.push(login)
    open.set(actor, login)
    return login
  }

  async function work(index: number, node: NodeProcess): Promise<void> {
    while (left > 0) {
      left -= 1
      await breakSomething(options, operations - left)
      const actor = actors[Math.floor(random() * actors.length)]
      const login = actor && (await loginOf(actor, node))
      if (login === undefined) continue
      login.left -= 1
      const verb = verbFor(random())
      if (verb === 'revoke') login.left = Math.min(login.left, OPERATIONS_AFTER)
      const invokedAt = performance.now()
      const { outcome } = await node.call(verb, login.token)
      const record = { verb, node: index, invokedAt, completedAt: performance.now() }
      login.records.push({ ...record, outcome: OUTCOMES[outcome] ?? fail(outcome) })
      await systemRuntime.pause(PACE / 1000, never)
    }
  }

  await Promise.all(
    nodes.flatMap((node, index) => Array.from({ length: WORKERS_A_NODE }, () => work(index, node))),
  )
  return histories
}

const OUTCOMES: Readonly<{ [code: string]: Record['outcome'] }> = {
  ok: 'ok',
  invalid_token: 'no',
  unavailable: 'unknown',
}

function fail(outcome: string): never {
  throw new Error(`Nobody expects ${outcome}`)
}

function verbFor(chance: number): Record['verb'] {
  if (chance < 0.025) return 'revoke'
  return chance < 0.1 ? 'renew' : 'authenticate'
}

const FAULTS = ['refuse', 'none', 'black-hole', 'none', 'drop-replies', 'none'] as const
const EVERY = 60

/** One network after the other breaks for a while. Postgres is only refused: whoever waits for it waits for seconds. */
async function breakSomething({ networks = [] }: WorkloadOptions, done: number): Promise<void> {
  if (networks.length === 0 || done % EVERY !== 0) return
  const step = done / EVERY
  const network = networks[Math.floor(step / 2) % networks.length]
  const fault = FAULTS[step % FAULTS.length] ?? 'none'
  // No stream goes on behind a piece of it that was lost: what is open is cut first.
  if (fault === 'none') network?.set('refuse')
  network?.set(network === networks[0] || fault === 'none' ? fault : 'refuse')
}

/** The same numbers for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
