import { fromUtf8 } from '@countersign/core/plugin'
import type { CompiledEgress, Egress } from './egress.ts'
import { compileEgress, hostOf } from './egress.ts'
import { fetchNetwork } from './fetch-network.ts'
import { createLanes } from './lanes.ts'
import type { Answer, Network } from './network.ts'
import { OutboundError } from './network.ts'
import { systemNetwork } from './system-network.ts'

/** How the verifiers of a host reach other hosts. Proxies that the environment names are never used. */
export interface OutboundOptions {
  /** Where they may connect to; public addresses by default. */
  readonly egress?: Egress | undefined
  /** A proxy that speaks `CONNECT`; it is told the address that was checked. */
  readonly proxy?: string | undefined
  /** The host's own `fetch`: it resolves names and trusts certificates by itself. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Another network altogether: for tests. */
  readonly network?: Network | undefined
}

/** One question to another host. */
export interface Question {
  readonly url: string
  readonly accept: string
  readonly method?: 'GET' | 'POST' | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  readonly ca?: string | undefined
  readonly mostBytes: number
  readonly signal: AbortSignal
}

/** What verifiers ask other hosts through: every bound holds for each of them. */
export interface Outbound {
  readonly egress: CompiledEgress
  readonly deadline: Network['deadline']
  /** Asks, or throws an `OutboundError`; any status but a redirect is an answer. */
  readonly ask: (question: Question) => Promise<Answer>
}

/** Creates what verifiers ask other hosts through. */
export function createOutbound({
  egress = {},
  proxy,
  fetch,
  network,
}: OutboundOptions = {}): Outbound {
  const compiled = compileEgress(egress)
  const system = systemNetwork({ proxy })
  const own = fetch === undefined ? system : fetchNetwork(fetch, system.deadline)
  const { resolve, send, deadline } = network ?? own

  const inLane = createLanes()

  /** Every address must be admitted: whoever dials may pick any of them. */
  async function addressesOf(host: string, signal: AbortSignal): Promise<readonly string[]> {
    const found = await raced(resolve(host), signal)
    if (found === undefined) return []
    if (found.length === 0) throw new OutboundError('unreachable')
    if (!found.every((address) => compiled.admits(address)))
      throw new OutboundError('egress_refused')
    return found
  }

  return Object.freeze({
    egress: compiled,
    deadline,
    async ask({ url: text, accept, method = 'GET', headers, ...question }: Question) {
      if (compiled.refuse(text) !== undefined) throw new OutboundError('egress_refused')
      const url = new URL(text)
      const sent = { ...headers, accept, 'accept-encoding': 'identity' }
      const answer = await inLane(url.host, question.signal, async () => {
        const addresses = await addressesOf(hostOf(url), question.signal)
        return send({ ...question, url, addresses, method, headers: sent })
      })
      if (answer.status >= 300 && answer.status < 400) throw new OutboundError('redirected')
      return answer
    },
  })
}

/** Reads an answer as JSON, or throws an `OutboundError`. */
export function readJson({ status, body }: Answer, expected: readonly number[]): unknown {
  if (!expected.includes(status)) throw new OutboundError('unexpected_status', { status })
  try {
    return JSON.parse(fromUtf8(body) ?? '')
  } catch {
    throw new OutboundError('unexpected_content')
  }
}

/** A name server may keep its silence for longer than anybody waits. */
async function raced<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined
  const late = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new OutboundError('too_late'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([answer, late])
  } catch (error) {
    throw error instanceof OutboundError ? error : new OutboundError('unreachable')
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
    late.catch(() => undefined)
  }
}
