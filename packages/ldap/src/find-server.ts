import type { CompiledEgress, Network } from '@countersign/evidence'
import type { Directory } from './directory.ts'
import { addressOf, openDirectory } from './directory.ts'
import { DirectoryError } from './directory-error.ts'
import { firstOf } from './first-of.ts'
import type { LdapConnection } from './policy.ts'
import { parseServerUrl, refuseServer } from './server-url.ts'

/** What servers are reached by. */
export interface Reach {
  readonly egress: CompiledEgress
  readonly network: Pick<Network, 'resolve' | 'deadline'>
}

/** Seconds in which one server must be there, before the next one is tried. */
const CONNECT_DEADLINE = 2

/** Does something at the first server that is there, and closes the connection whatever comes of it. */
export async function withServer<T>(
  policy: LdapConnection,
  reach: Reach,
  signal: AbortSignal,
  run: (directory: Directory) => Promise<T>,
): Promise<T> {
  const directory = await findServer(policy, reach, signal)
  try {
    return await run(directory)
  } finally {
    await directory.close()
  }
}

/**
 * Opens a connection to the first server that is there, bound as whoever searches. A server that cannot be reached, or
 * cannot prove who it is, makes room for the next; one that refuses the service's own password does not.
 */
async function findServer(
  policy: LdapConnection,
  reach: Reach,
  signal: AbortSignal,
): Promise<Directory> {
  let failure = new DirectoryError('unreachable')
  for (const url of policy.urls) {
    try {
      return await bound(await openServer(url, policy, reach, signal), policy)
    } catch (error) {
      if (!(error instanceof DirectoryError) || error.code === 'service_refused') throw error
      failure = signal.aborted ? new DirectoryError('too_late') : error
    }
    if (signal.aborted) break
  }
  throw failure
}

/** Binds as whoever searches: the service, or nobody. */
export async function bindService(
  directory: Directory,
  { bindDn = '', bindPassword = '' }: LdapConnection,
): Promise<void> {
  if (!(await directory.bind(bindDn, bindPassword))) throw new DirectoryError('service_refused')
}

async function bound(directory: Directory, policy: LdapConnection): Promise<Directory> {
  try {
    if (policy.dnTemplate === undefined) await bindService(directory, policy)
    return directory
  } catch (error) {
    await directory.close()
    throw error
  }
}

async function openServer(
  url: string,
  policy: LdapConnection,
  { egress, network }: Reach,
  signal: AbortSignal,
): Promise<Directory> {
  const { ca, clientCertificate } = policy
  const startTls = policy.startTls === true
  const place = parseServerUrl(url)
  if (place === undefined || refuseServer(url, startTls, egress) !== undefined)
    throw new DirectoryError('egress_refused')
  const early = firstOf(signal, network.deadline(CONNECT_DEADLINE))
  try {
    const found = addressOf(place.host, { resolve: network.resolve, admits: egress.admits })
    const address = await raced(found, early.signal)
    const encryption = { startTls, ca, clientCertificate }
    return await openDirectory({ ...place, ...encryption, address, early: early.signal, signal })
  } finally {
    early.release()
  }
}

/** A name server may keep its silence for longer than anybody waits. */
async function raced<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined
  const late = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new DirectoryError('too_late'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
