import * as z from 'zod'
import { invalidRequest } from '../errors.ts'
import type { AddressMatcher } from '../lib/address.ts'
import { compileNetworks } from '../lib/address.ts'
import type { CertificateHeader } from '../lib/certificate-header.ts'
import type { RootKey, RootKeyFault } from '../lib/root-key.ts'
import { parseRootKey } from '../lib/root-key.ts'
import type { SchemaOf } from '../lib/schema.ts'
import type { SigningAlgorithm } from '../lib/signing-key.ts'
import type { Seconds } from '../lib/time.ts'
import { days } from '../lib/time.ts'
import type { Checkpoint } from '../model/chain.ts'
import type { CodeRoles } from '../model/permission/code-roles.ts'
import { compileCodeRoles } from '../model/permission/code-roles.ts'
import { refuseResources } from '../model/permission/refuse-resources.ts'
import type { Vocabulary } from '../model/permission/vocabulary.ts'
import { compileVocabulary } from '../model/permission/vocabulary.ts'
import type { Resources } from '../model/resources.ts'
import { between, networks, seconds, TEN_YEARS } from './fields.ts'
import type { NoticeSettings } from './notices.ts'
import { notices } from './notices.ts'
import { parse } from './parse.ts'
import type { RateLimitSettings } from './rate-limits.ts'
import { rateLimits } from './rate-limits.ts'

/** How signing keys are made. */
export interface SigningSettings {
  /** `EdDSA` by default. `HS256` makes tokens that no other service can check. */
  readonly algorithm?: SigningAlgorithm | undefined
  /** Seconds that a key signs before `maintain()` replaces it, 90 days by default; `'never'` leaves that to the host. */
  readonly rotateEvery?: Seconds | 'never' | undefined
}

/** What becomes of the audit trail. Nobody but the host decides that. */
export interface AuditSettings {
  /** Seconds that events are kept at the least, a day or more; for ever where absent. */
  readonly retention?: Seconds | undefined
  /** Seconds after which an event is covered by a signature at the latest; 60 by default. */
  readonly checkpointEvery?: Seconds | undefined
  /**
   * Takes each new checkpoint, to keep it where nobody who can write to the storage can. Where it throws or rejects, or
   * takes longer than 10 seconds, it is handed newer ones by a later pass.
   */
  readonly witness?: ((checkpoints: readonly Checkpoint[]) => void | Promise<void>) | undefined
}

/** The plain values among the options of an engine. */
export interface EngineSettings {
  readonly issuer: string
  readonly rootKeys: readonly (string | undefined)[]
  readonly trustedProxies?: readonly string[] | undefined
  readonly clientCertificate?: CertificateHeader | undefined
  readonly maxTokenAge?: number | undefined
  readonly prefix?: string | undefined
  readonly cacheTtl?: number | undefined
  readonly signing?: SigningSettings | undefined
  readonly retiredRootKeys?: readonly string[] | undefined
  readonly principalTtl?: number | undefined
  readonly audit?: AuditSettings | undefined
  readonly notices?: NoticeSettings | 'off' | undefined
  readonly rateLimits?: RateLimitSettings | 'off' | undefined
  readonly resources?: unknown
  readonly roles?: unknown
}

const issuer = z
  .string('must be a URL')
  .refine(isIssuer, 'must be an https URL without query and fragment; http is for loopback only')

const part = z.looseObject({}, 'must be an object')

const settings: SchemaOf<EngineSettings> = z.strictObject({
  issuer,
  rootKeys: z
    .array(z.string().optional(), 'must be a list of keys, newest first')
    .min(1, 'must hold at least one key: 32 random bytes in base64url')
    .max(3, 'must hold at most 3 keys'),
  trustedProxies: networks.optional(),
  clientCertificate: z
    .strictObject({
      header: z
        .string('must be a string')
        .refine(
          (name) => /^[a-z0-9-]{1,64}$/.test(name),
          'must be the name of a header, in lower case',
        ),
      format: z.enum(
        ['url-pem', 'base64-der', 'rfc9440'],
        'must be url-pem, base64-der or rfc9440',
      ),
    })
    .optional(),
  maxTokenAge: seconds(TEN_YEARS).optional(),
  cacheTtl: between(0, 60).optional(),
  principalTtl: between(1, 86_400).optional(),
  notices: notices.optional(),
  rateLimits: rateLimits.optional(),
  rateLimiter: part.optional(),
  channel: part.optional(),
  meter: z.unknown().optional(),
  tracer: z.unknown().optional(),
  resources: z.unknown().optional(),
  roles: z.unknown().optional(),
  prefix: z
    .string('must be a string')
    .refine(
      (text) => /^[a-z][a-z0-9]{1,15}$/.test(text),
      'must be 2 to 16 characters out of a-z 0-9',
    )
    .optional(),
  storage: part,
  verifiers: z.array(part, 'must be a list of verifiers').optional(),
  sinks: z
    .array(part, 'must be a list of sinks')
    .refine(haveNames, 'must have names, each its own: they keep the place of a sink')
    .optional(),
  signer: z.unknown().optional(),
  signing: z
    .strictObject({
      algorithm: z
        .enum(['EdDSA', 'ES256', 'RS256', 'HS256'], 'must be EdDSA, ES256, RS256 or HS256')
        .optional(),
      rotateEvery: z
        .union([z.literal('never'), seconds(TEN_YEARS)], "must be whole seconds, or 'never'")
        .optional(),
    })
    .optional(),
  audit: z
    .strictObject({
      retention: between(days(1), days(36_500)).optional(),
      checkpointEvery: between(1, days(1)).optional(),
      witness: z
        .custom<NonNullable<AuditSettings['witness']>>(
          (value) => typeof value === 'function',
          'must be a function',
        )
        .optional(),
    })
    .optional(),
  retiredRootKeys: z.array(z.string('must be the id of a root key'), 'must be a list').optional(),
})

/** Parses the plain options of an engine; a mistake throws `invalid_request` where the engine is built. */
export function parseSettings(input: unknown): EngineSettings {
  const parsed = parse(settings, input)
  if (parsed.clientCertificate !== undefined && parsed.trustedProxies === undefined)
    throw invalidRequest('clientCertificate needs trustedProxies: nobody else is asked for it')
  return parsed
}

const SENTENCES: Readonly<Record<RootKeyFault, string>> = {
  not_base64url: 'must be base64url without padding',
  wrong_length: 'must be exactly 32 bytes',
  placeholder: 'must be random; this one looks like a placeholder',
}

/** Reads root keys, newest first; none is printed in an error, only its place in the list. */
export function parseRootKeys(
  texts: readonly (string | undefined)[],
): readonly [RootKey, ...RootKey[]] {
  const [newest, ...older] = texts.map((text, index) => {
    const key = text === undefined ? 'not_base64url' : parseRootKey(text)
    if (typeof key === 'string') throw invalidRequest(`rootKeys[${index}] ${SENTENCES[key]}`)
    return key
  })
  if (newest === undefined) throw invalidRequest('rootKeys must hold at least one key')
  return [newest, ...older]
}

/** Compiles the list of proxies whose word about addresses is taken. */
export function parseTrustedProxies(
  list: readonly string[] | undefined,
): AddressMatcher | undefined {
  return list === undefined ? undefined : compileNetworks(list)
}

function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, search, hash, username } = new URL(text)
  if (search !== '' || hash !== '' || username !== '' || text.includes('#') || text.includes('?'))
    return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '')
  return bare === 'localhost' || bare === '::1' || /^127\.\d+\.\d+\.\d+$/.test(bare)
}

function haveNames(sinks: readonly { readonly name?: unknown }[]): boolean {
  const names = new Set(sinks.map(({ name }) => name))
  return names.size === sinks.length && [...names].every((name) => typeof name === 'string')
}

/** Everything that the host's own words say: its vocabulary, and the roles it writes in code. */
export interface HostWords {
  readonly vocabulary: Vocabulary
  readonly codeRoles: CodeRoles
}

/** Reads the vocabulary and the roles of a host; a mistake throws `invalid_request` where the engine is built. */
export function parseWords({ resources = {}, roles }: EngineSettings): HostWords {
  const problem = refuseResources(resources)
  if (problem !== undefined) throw invalidRequest(problem)
  // Nothing that was refused is left in it.
  const vocabulary = compileVocabulary(resources as Resources)
  const codeRoles = compileCodeRoles(vocabulary, roles)
  if (typeof codeRoles === 'string') throw invalidRequest(codeRoles)
  return { vocabulary, codeRoles }
}
