import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { StsEndpoint } from '@countersign/aws'
import type { Egress } from '@countersign/evidence'
import { compileEgress } from '@countersign/evidence'
import type { ClusterAccess } from '@countersign/kubernetes'
import { inCluster } from '@countersign/kubernetes'
import { StartError } from './start-error.ts'

/** Where verifiers may ask, and what the operator lets them take. */
export interface TrustConfig {
  /** Public addresses alone, unless the operator says more. */
  readonly egress: Egress
  readonly proxy?: string
  /** What requests of AWS are signed for; the URL of this server where absent. */
  readonly awsAudience?: string
  readonly sts?: StsEndpoint
  /** The cluster of policies that name none; absent, every policy names its own. */
  readonly cluster?: ClusterAccess
}

/** Answers a variable, or nothing where it is absent or empty. */
export type Read = (name: string) => string | undefined

/** Reads what verifiers are given. */
export function readTrust(read: Read, inPod: Parameters<typeof inCluster>[0]): TrustConfig {
  const proxy = read('COUNTERSIGN_EGRESS_PROXY')
  if (proxy !== undefined && !/^http:\/\/[^/]+\/?$/.test(proxy))
    throw new StartError('COUNTERSIGN_EGRESS_PROXY must be http:// and a host with a port')
  const awsAudience = read('COUNTERSIGN_AWS_AUDIENCE')
  const sts = readSts(read)
  const cluster = readCluster(read, inPod)
  return {
    egress: readEgress(read),
    ...(proxy !== undefined && { proxy }),
    ...(awsAudience !== undefined && { awsAudience }),
    ...(sts !== undefined && { sts }),
    ...(cluster !== undefined && { cluster }),
  }
}

function readEgress(read: Read): Egress {
  const ports = readPorts(read('COUNTERSIGN_EGRESS_PORTS'))
  const allow = toList(read('COUNTERSIGN_EGRESS_ALLOW'))
  const loopbackHttp = readSwitch(read, 'COUNTERSIGN_EGRESS_LOOPBACK_HTTP')
  try {
    compileEgress({ allow })
  } catch (error) {
    throw new StartError(`COUNTERSIGN_EGRESS_ALLOW must be networks: ${messageOf(error)}`)
  }
  return { allow, ports, loopbackHttp }
}

function readPorts(text: string | undefined): readonly number[] | 'any' {
  if (text === 'any') return text
  return toList(text).map((port) => {
    if (/^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535) return Number(port)
    throw new StartError('COUNTERSIGN_EGRESS_PORTS must be whole numbers from 1 to 65535, or any')
  })
}

function readSts(read: Read): StsEndpoint | undefined {
  const url = read('COUNTERSIGN_STS_ENDPOINT')
  const ca = readFileOf(read, 'COUNTERSIGN_STS_CA')
  if (url !== undefined) return { url, ...(ca !== undefined && { ca }) }
  if (ca === undefined) return undefined
  throw new StartError('COUNTERSIGN_STS_CA needs COUNTERSIGN_STS_ENDPOINT')
}

/** Nobody's policy uses the account of this pod because it happens to run in one. */
function readCluster(read: Read, pod: Parameters<typeof inCluster>[0]): ClusterAccess | undefined {
  const said = read('COUNTERSIGN_KUBERNETES')
  if (said === undefined) return undefined
  if (said !== 'in-cluster')
    throw new StartError('COUNTERSIGN_KUBERNETES may be in-cluster, or left out')
  if (!pod.KUBERNETES_SERVICE_HOST)
    throw new StartError('COUNTERSIGN_KUBERNETES=in-cluster needs a pod to run in')
  return inCluster(pod, (path) => readFile(path, 'utf8'))
}

/** Reads a switch that is off where it is absent. */
export function readSwitch(read: Read, name: string): boolean {
  const text = read(name)
  if (text === undefined || text === 'true' || text === 'false') return text === 'true'
  throw new StartError(`${name} must be true or false`)
}

/** Reads the file that a variable names. */
export function readFileOf(read: Read, name: string): string | undefined {
  const path = read(name)
  try {
    return path === undefined ? undefined : readFileSync(path, 'utf8')
  } catch (error) {
    throw new StartError(`${name} must name a file that can be read: ${messageOf(error)}`)
  }
}

function toList(text: string | undefined): readonly string[] {
  return text?.split(',').map((item) => item.trim()) ?? []
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
