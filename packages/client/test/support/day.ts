import type { Client, ClientRuntime } from '@countersign/client'
import { createClient, isClientError, universal } from '@countersign/client'
import { createHandler } from '@countersign/http'
import { anIdentity, testCountersign } from '@countersign/testing'

/** What a day holds in store, in seconds from its beginning. */
export interface Plan {
  readonly lifetime: number
  readonly longest: number
  readonly outages: readonly { readonly from: number; readonly seconds: number }[]
  readonly keysRotateAt?: readonly number[]
  /** Every so manieth request fails on its way. */
  readonly failOneIn?: number
  /** By how many seconds the workload's clock differs. */
  readonly clockOff?: number
}

const URL_OF_HOST = 'https://countersign.test'

/** A workload and its host, whose time is moved by hand: whoever pauses moves it on. */
export async function aDay(plan: Plan) {
  const countersign = testCountersign({ issuer: URL_OF_HOST })
  const tokenPolicy = { ttl: plan.lifetime, maxTtl: plan.longest }
  const { clientId, clientSecret } = await anIdentity(countersign, { tokenPolicy })
  const handler = createHandler(countersign)
  const host = countersign.asHost('rotation')
  const started = countersign.clock.now().getTime()
  const rotations = [...(plan.keysRotateAt ?? [])]
  const sent: { readonly at: number; readonly path: string }[] = []
  const outcomes: { readonly at: number; readonly code: string }[] = []
  const told: string[] = []
  let away = false
  let under = 0
  let most = 0

  const elapsed = (): number => (countersign.clock.now().getTime() - started) / 1000
  const isOut = (at: number): boolean =>
    away || plan.outages.some(({ from, seconds }) => at >= from && at < from + seconds)

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    sent.push({ at: elapsed(), path: pathname })
    if (isOut(elapsed())) throw new TypeError('fetch failed')
    if (plan.failOneIn !== undefined && sent.length % plan.failOneIn === 0)
      return new Response('upstream', { status: 502 })
    const response = await handler.handle(request, { clientAddress: '192.0.2.7' })
    if (response === undefined) return authenticated(request)
    return response
  }

  /** What the host protects. */
  async function authenticated(request: Request): Promise<Response> {
    const token = request.headers.get('authorization')?.replace('Bearer ', '') ?? ''
    try {
      await countersign.authenticate(token, { address: '192.0.2.7' })
      return new Response('ok')
    } catch {
      return new Response('no', { status: 401 })
    }
  }

  const runtime: ClientRuntime = {
    now: () => countersign.clock.now().getTime() + (plan.clockOff ?? 0) * 1000,
    wallClock: () => new Date(countersign.clock.now().getTime() + (plan.clockOff ?? 0) * 1000),
    random: () => 0.5,
    deadline: () => new AbortController().signal,
    async fetch(input, init) {
      const request = new Request(input, init)
      const isLogin = request.url.endsWith('/login')
      under += isLogin ? 1 : 0
      most = Math.max(most, under)
      try {
        await new Promise(setImmediate)
        return await answer(request)
      } finally {
        under -= isLogin ? 1 : 0
      }
    },
    async pause(milliseconds) {
      if (milliseconds > 0) countersign.clock.advance(milliseconds / 1000)
      await new Promise(setImmediate)
    },
  }

  const client: Client = createClient({
    url: URL_OF_HOST,
    auth: universal({ clientId, clientSecret }),
    runtime,
    onEvent: ({ type }) => told.push(type),
  })

  async function call(): Promise<void> {
    const at = elapsed()
    try {
      const token = await client.token()
      await countersign.authenticate(token, { address: '192.0.2.7' })
      outcomes.push({ at, code: 'ok' })
    } catch (error) {
      outcomes.push({ at, code: isClientError(error) ? error.code : String(error) })
    }
  }

  const pathsEnding = (end: string): number => sent.filter(({ path }) => path.endsWith(end)).length
  const failed = () => outcomes.filter(({ code }) => code !== 'ok')

  return {
    client,
    token: () => client.token(),
    callEach: async (callers: number) => {
      await Promise.all(Array.from({ length: callers }, call))
      // What was begun ahead of its time ends before the clock moves.
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
      while ((rotations[0] ?? Number.POSITIVE_INFINITY) <= elapsed()) {
        rotations.shift()
        await host.signingKeys.rotate()
      }
    },
    advance: (seconds: number) => countersign.clock.advance(seconds),
    goAway: () => {
      away = true
    },
    comeBack: () => {
      away = false
    },
    elapsed,
    calls: () => outcomes.length,
    failed,
    failedOutsideOutages: () => failed().filter(({ at }) => !isOut(at)),
    counts: () => ({ login: pathsEnding('/login'), renew: pathsEnding('/renew') }),
    /** How often the client told of an event. */
    toldOf: (type: string) => told.filter((other) => other === type).length,
    mostLoginsAtOnce: () => most,
    /** The most requests of any sixty seconds. */
    mostRequestsInAMinute: () =>
      Math.max(
        ...sent.map(
          ({ at }) => sent.filter((other) => other.at >= at && other.at < at + 60).length,
        ),
      ),
  }
}
