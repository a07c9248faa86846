import type { Seconds } from '@countersign/core/plugin'
import type { StsHost } from './partitions.ts'

/** A request that somebody signed for STS, understood and written anew: nothing of it is sent as it came. */
export interface SignedRequest {
  readonly host: StsHost
  readonly accessKeyId: string
  readonly signedAt: Date
  /** Seconds that its signer gave it. */
  readonly lifetime: Seconds
  /** Whether the audience is among what was signed. */
  readonly namesAudience: boolean
  /** The audience as it was sent; a presigned URL does not carry it. */
  readonly audience?: string | undefined
  /** What somebody says, but did not sign, that it is for. */
  readonly claimedTarget?: string | undefined
  /** 64 hexadecimal digits. */
  readonly signature: string
  readonly sent: SentRequest
}

/** What STS is sent. */
export interface SentRequest {
  readonly method: 'GET' | 'POST'
  /** The path with its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** What is fixed for every request of a verifier. */
export interface RequestRules {
  readonly findHost: (host: string) => StsHost | undefined
  readonly hostOfRegion: (region: string) => StsHost | undefined
  /** The name of the header that says whom a request is for, in lower case. */
  readonly audienceHeader: string
  readonly audience: string
}

/** Why a request is not even asked about: the word for the event. */
export type RequestFlaw = keyof typeof FLAWS

/** The check that each flaw fails. */
export const FLAWS = {
  request_malformed: 'form',
  wrong_action: 'action',
  header_not_allowed: 'headers',
  header_not_signed: 'headers',
  wrong_content: 'headers',
  wrong_host: 'host',
  wrong_region: 'host',
  date_malformed: 'date',
} as const

/** The credential of a signature: who signed, and for which region and day (Signature Version 4). */
export interface Scope {
  readonly accessKeyId: string
  readonly day: string
  readonly region: string
}

const SCOPE = /^([A-Z0-9]{16,128})\/(\d{8})\/([a-z0-9-]{1,32})\/sts\/aws4_request$/

/** Reads the scope that a signature was made for. */
export function readScope(credential: string): Scope | undefined {
  const [, accessKeyId, day, region] = SCOPE.exec(credential) ?? []
  if (accessKeyId === undefined || day === undefined || region === undefined) return undefined
  return { accessKeyId, day, region }
}

/** Reads the one form of `X-Amz-Date`, which must be a day of the calendar, and that of the scope. */
export function readDate(text: string, { day }: Scope): Date | undefined {
  const [, ...parts] = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text) ?? []
  const [year, month, date, hour, minute, second] = parts
  if (second === undefined || !text.startsWith(day)) return undefined
  const written = `${year}-${month}-${date}T${hour}:${minute}:${second}.000Z`
  const instant = new Date(written)
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === written ? instant : undefined
}

/** The host that a signature is scoped to: that of the table which was named, or the usual one of its region. */
export function pickHost(
  named: string | undefined,
  { region }: Scope,
  { findHost, hostOfRegion }: RequestRules,
): StsHost | RequestFlaw {
  const host = named === undefined ? hostOfRegion(region) : findHost(named)
  if (host === undefined) return 'wrong_host'
  return host.region === region ? host : 'wrong_region'
}

/** The names of what was signed: each once, in lower case. */
export function readSignedHeaders(text: string): ReadonlySet<string> | undefined {
  const names = text.split(';')
  const isClean = names.every((name) => /^[a-z0-9-]{1,64}$/.test(name))
  const set = new Set(names)
  return isClean && set.size === names.length ? set : undefined
}
