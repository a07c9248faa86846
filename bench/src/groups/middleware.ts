import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Contender, Contest, Effort, Goal } from '../harness/contest.ts'
import { atLeast, atMost } from '../harness/contest.ts'
import { createPress } from '../harness/wrk.ts'
import type { Kind } from '../middleware/app.ts'

interface Framework {
  readonly name: string
  /** What people use there today. */
  readonly usual?: string
  /** How much of the processor a request may cost beside a middleware that does nothing. */
  readonly most: number
  /** How many times less than the usual middleware ours may add, and how many times more requests it lets through. */
  readonly added: number
  readonly through: number
}

const FRAMEWORKS: readonly Framework[] = [
  { name: 'express', usual: 'express-oauth2-jwt-bearer', most: 1.15, added: 10, through: 1.5 },
  { name: 'koa', usual: 'koa-jwt', most: 1.15, added: 10, through: 2.5 },
  { name: 'fastify', usual: '@fastify/jwt', most: 1.15, added: 6, through: 1.4 },
  { name: 'hono', most: 1.25, added: 0, through: 0 },
  { name: 'node', most: 1.25, added: 0, through: 0 },
]

/** A guard beside a middleware that does nothing, and beside what people use today: at saturation, in a process of its own. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const made: Contest[] = []
  for (const framework of quick ? FRAMEWORKS.slice(0, 1) : FRAMEWORKS)
    made.push(...(await contestsOf(framework)))
  return made
}

async function contestsOf({ name, usual, most, added, through }: Framework): Promise<Contest[]> {
  const idle = await serve(name, 'no-op')
  const ours = await serve(name, 'countersign')
  const theirs = usual === undefined ? undefined : await serve(name, 'usual')
  const servers = [
    ['no-op', idle],
    ['countersign', ours],
    ...(usual !== undefined && theirs !== undefined ? [[usual, theirs] as const] : []),
  ] as const
  const own = 'countersign, added'
  const other = `${usual}, added`

  const passing: Goal[] = [atMost('G9', 'countersign', 'no-op', 1 / 0.9)]
  if (usual !== undefined) passing.push(atLeast('G9b', 'countersign', usual, through))
  const contests: Contest[] = [
    {
      title: `${name}: processor of the server for one request`,
      unit: 'µs',
      mostRounds: 7,
      contenders: servers.map(([called, { cpu }]) => ({ name: called, sample: cpu })),
      goals: [atMost('G9', 'countersign', 'no-op', most)],
    },
    {
      title: `${name}: one request at saturation, 32 connections`,
      unit: 'µs',
      mostRounds: 7,
      contenders: servers.map(([called, { wall }]) => ({ name: called, sample: wall })),
      goals: passing,
    },
  ]
  if (theirs !== undefined)
    contests.push({
      title: `${name}: processor that a middleware adds`,
      unit: 'µs',
      mostRounds: 7,
      contenders: [addedBy(own, ours, idle), addedBy(other, theirs, idle)],
      goals: [atLeast('G9b', own, other, added)],
    })
  return contests
}

interface Server {
  /** Microseconds of the server's processor for one request. */
  readonly cpu: () => Promise<number>
  /** Microseconds between two answers. */
  readonly wall: () => Promise<number>
}

/** Less than this is noise: a difference can be none at all. */
const LEAST_ADDED = 0.1

function addedBy(name: string, server: Server, idle: Server): Contender {
  return {
    name,
    async sample() {
      const nothing = await idle.cpu()
      return Math.max((await server.cpu()) - nothing, LEAST_ADDED)
    },
  }
}

/** wrk counts whole seconds. */
const SECONDS = 1

async function serve(framework: string, kind: Kind): Promise<Server> {
  const path = fileURLToPath(new URL('children/serve.js', import.meta.url))
  const child = fork(path, [framework, kind])
  const [{ url, tokens }] = await once(child, 'message')
  process.once('disconnect', () => child.disconnect())
  const press = await createPress(tokens)
  const spent = async (): Promise<number> => {
    child.send('figures')
    const [figure] = await once(child, 'message')
    return Number(figure)
  }
  return {
    async cpu() {
      const before = await spent()
      const { requests } = await press(url, SECONDS)
      return ((await spent()) - before) / requests
    },
    async wall() {
      const { requests, elapsed } = await press(url, SECONDS)
      return elapsed / requests
    },
  }
}
