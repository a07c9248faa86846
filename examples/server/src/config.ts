import type { CertificateHeader } from '@countersign/core'
import { StartError } from './start-error.ts'
import type { ServerCertificate } from './tls-config.ts'
import { readCertificateHeader, readServerCertificate } from './tls-config.ts'
import type { TrustConfig } from './trust-config.ts'
import { readTrust } from './trust-config.ts'

/** What the operator decides, read from the environment once. */
export interface Config {
  readonly host: string
  readonly port: number
  /** How clients reach this server, exactly: it names the deployment in its tokens. */
  readonly url?: string
  readonly dataFolder: string
  /** Newest first; without it the data folder holds the key. */
  readonly rootKeys?: readonly string[]
  readonly trustedProxies?: readonly string[]
  /** Where those proxies say which certificate a client proved to them. */
  readonly clientCertificate?: CertificateHeader
  /** With it the server speaks TLS, and nothing else. */
  readonly tls?: ServerCertificate
  /** What the auth methods are given that ask others. */
  readonly trust: TrustConfig
  readonly databaseUrl?: string
  /** Whether records go with the process: for tests. */
  readonly inMemory: boolean
  readonly production: boolean
}

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Reads the configuration; what is there and empty counts as absent. */
export function readConfig(environment: Environment): Config {
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined
  const url = read('COUNTERSIGN_URL')
  const rootKeys = toList(read('COUNTERSIGN_ROOT_KEYS'))
  const trustedProxies = toList(read('COUNTERSIGN_TRUSTED_PROXIES'))
  const databaseUrl = read('DATABASE_URL')
  const clientCertificate = readCertificateHeader(read)
  const tls = readServerCertificate(read)
  if (databaseUrl !== undefined && rootKeys === undefined)
    throw new StartError(
      'DATABASE_URL needs COUNTERSIGN_ROOT_KEYS: a key in a folder would be lost with the folder, and the records with it',
    )
  return {
    host: read('HOST') ?? '127.0.0.1',
    port: parsePort(read('PORT') ?? '4400'),
    dataFolder: read('COUNTERSIGN_DATA') ?? '.countersign',
    inMemory: parseStorage(read('COUNTERSIGN_STORAGE')),
    production: read('NODE_ENV') === 'production',
    trust: readTrust(read, environment),
    ...(url !== undefined && { url }),
    ...(rootKeys !== undefined && { rootKeys }),
    ...(trustedProxies !== undefined && { trustedProxies }),
    ...(clientCertificate !== undefined && { clientCertificate }),
    ...(tls !== undefined && { tls }),
    ...(databaseUrl !== undefined && { databaseUrl }),
  }
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new StartError('PORT must be a whole number from 0 to 65535')
}

function parseStorage(text: string | undefined): boolean {
  if (text === undefined || text === 'memory') return text === 'memory'
  throw new StartError('COUNTERSIGN_STORAGE may be memory, or left out')
}

function toList(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').map((item) => item.trim())
}
