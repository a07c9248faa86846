import type { Socket } from 'node:net'
import type { Network } from '@countersign/evidence'
import { Client, ResultCodeError } from 'ldapts'
import type { Connecting } from './connect.ts'
import { connect } from './connect.ts'
import { DirectoryError } from './directory-error.ts'
import type { Entry } from './fields.ts'

/** What is searched for: always named attributes, and never more entries than `most`. */
export interface Search {
  readonly base: string
  readonly scope: 'base' | 'sub'
  readonly filter: string
  readonly attributes: readonly string[]
  readonly most: number
}

/** A connection to a directory. It is opened once: what was lost is never dialled anew, where binds would be forgotten. */
export interface Directory {
  /** Whether the directory accepts a name with its password; throws a `DirectoryError` where it did not say. */
  readonly bind: (name: string, password: string) => Promise<boolean>
  /** The entries found, without those of other servers; nothing where the base is not there. */
  readonly search: (search: Search) => Promise<readonly Entry[]>
  /** Says goodbye, and closes the socket whatever comes of that. */
  readonly close: () => Promise<void>
}

/** Milliseconds that one answer may take. */
const STEP = 2000

/** Opens a connection to one server. */
export async function openDirectory(place: Connecting): Promise<Directory> {
  const socket = await connect(place)
  const client = new Client({
    // The socket is open and encrypted already: the address is only what the client wants to have one.
    url: 'ldap://directory.invalid',
    timeout: STEP,
    createConnection: once(socket),
  })
  // Whoever waits for an answer is told by the end of the socket.
  const abandon = (): void => void socket.destroy()
  place.signal.addEventListener('abort', abandon, { once: true })

  return {
    async bind(name, password) {
      try {
        await client.bind(name, password)
        return true
      } catch (error) {
        if (error instanceof ResultCodeError && REFUSALS.has(error.code)) return false
        throw failureOf(error, place.signal)
      }
    },
    async search(search) {
      try {
        return await searchOnce(client, search)
      } catch (error) {
        if (error instanceof ResultCodeError && error.code === NO_SUCH_OBJECT) return []
        throw failureOf(error, place.signal)
      }
    },
    async close() {
      place.signal.removeEventListener('abort', abandon)
      try {
        await client.unbind()
      } catch {
        // It is closed in any case.
      } finally {
        socket.destroy()
      }
    },
  }
}

/** Resolves a name, and has every address admitted: whoever dials may pick any of them. */
export async function addressOf(
  host: string,
  { resolve, admits }: Pick<Network, 'resolve'> & { readonly admits: (address: string) => boolean },
): Promise<string> {
  const found = await resolve(host).catch(() => undefined)
  const [address] = found ?? []
  if (found === undefined || address === undefined) throw new DirectoryError('unreachable')
  if (!found.every(admits)) throw new DirectoryError('egress_refused')
  return address
}

const NO_SUCH_OBJECT = 32

/**
 * Results that are about the name and the password, or about the state of the account (RFC 4511, A.2): constraint violation,
 * no such object, invalid DN, inappropriate authentication, invalid credentials, insufficient rights, unwilling.
 */
const REFUSALS: ReadonlySet<number> = new Set([19, NO_SUCH_OBJECT, 34, 48, 49, 50, 53])

async function searchOnce(
  client: Client,
  { base, scope, filter, attributes, most }: Search,
): Promise<readonly Entry[]> {
  const { searchEntries } = await client.search(base, {
    scope,
    filter,
    sizeLimit: most,
    timeLimit: STEP / 1000,
    derefAliases: 'never',
    attributes: [...attributes],
    // Every value as bytes: what is a text is decided by who reads it.
    explicitBufferAttributes: [...attributes],
  })
  return searchEntries.map(({ dn, ...found }) => ({ dn, values: new Map(valuesOf(found)) }))
}

/** A server may write names of attributes in another case, and only those that were asked for in theirs come as bytes. */
function* valuesOf(
  found: Readonly<Record<string, string | string[] | Buffer | Buffer[]>>,
): Iterable<[string, readonly Uint8Array[]]> {
  for (const [name, value] of Object.entries(found)) {
    const values: readonly (string | Buffer)[] = Array.isArray(value) ? value : [value]
    yield [name.toLowerCase(), values.map(toBytes)]
  }
}

function toBytes(value: string | Buffer): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : value
}

function once(socket: Socket): () => Socket {
  let taken = false
  return () => {
    if (taken) throw new DirectoryError('unreachable')
    taken = true
    return socket
  }
}

function failureOf(error: unknown, signal: AbortSignal): DirectoryError {
  if (error instanceof DirectoryError) return error
  if (signal.aborted) return new DirectoryError('too_late')
  const isAnswer = error instanceof ResultCodeError
  return new DirectoryError(isAnswer ? 'unexpected_answer' : 'unreachable')
}
