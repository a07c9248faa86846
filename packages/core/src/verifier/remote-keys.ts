import type { VerifyingKey } from '../engine/keys.ts'
import { unavailable } from '../errors.ts'
import type { JsonWebKey, SigningAlgorithm } from '../lib/signing-key.ts'
import { importVerifyingKey } from '../lib/signing-key.ts'
import type { Seconds } from '../lib/time.ts'
import { later } from '../lib/time.ts'
import type { Runtime } from '../ports/runtime.ts'

/** Finds the public keys of a deployment. */
export interface RemoteKeys {
  find(kid: string): VerifyingKey | undefined | Promise<VerifyingKey | undefined>
}

/** Seconds that keys are kept before they are read again. */
const KEPT: Seconds = 300
/** Seconds between two readings, whatever happens: an unknown `kid` or an issuer that is away cannot buy more. */
const COOLDOWN: Seconds = 30
/** Seconds that known keys go on serving while their issuer cannot be read. */
const STALE: Seconds = 86_400
const DEADLINE: Seconds = 5
const MOST_BYTES = 262_144
const MOST_KEYS = 100

const ALGORITHMS: readonly string[] = ['EdDSA', 'ES256', 'RS256'] satisfies SigningAlgorithm[]

type KeyMap = ReadonlyMap<string, VerifyingKey>

/** Creates the reader of a JWK set over the network (RFC 7517): cached, single flight, bounded, and patient. */
export function createRemoteKeys(
  url: URL,
  runtime: Pick<Runtime, 'clock' | 'fetch' | 'deadline'>,
): RemoteKeys {
  let known: KeyMap = new Map()
  let readAt: Date | undefined
  let triedAt: Date | undefined
  let reading: Promise<void> | undefined

  async function read(): Promise<void> {
    triedAt = runtime.clock()
    try {
      known = await fetchKeys(url, runtime)
      readAt = triedAt
    } catch (error) {
      const usable = readAt !== undefined && runtime.clock() < later(readAt, STALE)
      if (!usable) throw unavailable(error)
    }
  }

  async function readOnce(): Promise<void> {
    reading ??= read().finally(() => {
      reading = undefined
    })
    await reading
  }

  function mayTry(now: Date): boolean {
    return triedAt === undefined || now >= later(triedAt, COOLDOWN)
  }

  async function findAfterReading(kid: string): Promise<VerifyingKey | undefined> {
    if (reading !== undefined || mayTry(runtime.clock())) await readOnce()
    else if (readAt === undefined)
      throw unavailable(new Error('The key set could not be read a moment ago'))
    return known.get(kid)
  }

  return {
    find(kid) {
      const now = runtime.clock()
      const fresh = readAt !== undefined && now < later(readAt, KEPT)
      const key = known.get(kid)
      return key !== undefined && fresh ? key : findAfterReading(kid)
    },
  }
}

/** Reads the keys of a JWK set that is already there. */
export async function readKeys(set: unknown): Promise<KeyMap> {
  const entries = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined
  if (!Array.isArray(entries) || entries.length > MOST_KEYS)
    throw new TypeError('The answer is not a JWK set')
  const keys = await Promise.all(entries.map(readKey))
  return new Map(keys.flatMap((key) => (key === undefined ? [] : [[key.kid, key] as const])))
}

/** A key of another kind, or for another use, is left out: it may be meant for somebody else. */
async function readKey(entry: unknown): Promise<VerifyingKey | undefined> {
  if (typeof entry !== 'object' || entry === null) return undefined
  const { kid, alg, use } = entry as JsonWebKey
  if (typeof kid !== 'string' || (use !== undefined && use !== 'sig')) return undefined
  if (alg === undefined || !ALGORITHMS.includes(alg)) return undefined
  const algorithm = alg as SigningAlgorithm
  try {
    return { kid, algorithm, verify: await importVerifyingKey(entry as JsonWebKey, algorithm) }
  } catch {
    return undefined
  }
}

async function fetchKeys(
  url: URL,
  { fetch, deadline }: Pick<Runtime, 'fetch' | 'deadline'>,
): Promise<KeyMap> {
  const signal = deadline(DEADLINE)
  const headers = { accept: 'application/jwk-set+json, application/json' }
  const response = await fetch(url, { redirect: 'error', signal, headers })
  if (!response.ok) throw new Error(`The key set answered ${response.status}`)
  return readKeys(JSON.parse(await readBounded(response)))
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MOST_BYTES) throw new Error('The key set is too large')
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
