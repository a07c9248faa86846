import type { SchemaOf } from '@countersign/core/plugin'
import {
  compileGlob,
  compileNetworks,
  formatAddress,
  parseAddress,
  parseNetwork,
  refuseGlob,
} from '@countersign/core/plugin'
import type { Checklist, Members } from '@countersign/evidence'
import {
  chosen,
  isPlainObject,
  listOf,
  objectOf,
  optional,
  plain,
  text,
} from '@countersign/evidence'
import type { Certificate } from './certificate/certificate.ts'
import { spiffeIdOf } from './spiffe.ts'

/** A name exactly, or names by a glob. */
export type NamePattern = string | { readonly glob: string }

/** Which names a certificate must have: one of each list that is there. */
export interface AllowedNames {
  /** The common name of the subject; a certificate with several has none. */
  readonly commonNames?: readonly NamePattern[] | undefined
  /** One of its organizational units. */
  readonly organizationalUnits?: readonly NamePattern[] | undefined
  /** Alternative names, in lower case; globs with the separator `.`. */
  readonly dnsNames?: readonly NamePattern[] | undefined
  /** Globs with the separators `@` and `.`. */
  readonly emails?: readonly NamePattern[] | undefined
  /** Globs with the separators `:` and `/`. */
  readonly uris?: readonly NamePattern[] | undefined
  /** Addresses, or networks of them. */
  readonly ipAddresses?: readonly string[] | undefined
  /** The SPIFFE ID of an X.509-SVID; globs with the separators `:` and `/`. */
  readonly spiffeIds?: readonly NamePattern[] | undefined
  /** Alternative names of any kind, exactly: `DNS:`, `IP:`, `URI:` or `EMAIL:` in front, and DNS without any. */
  readonly subjectAltNames?: readonly string[] | undefined
}

const PATTERNED = {
  commonNames: { separators: '', of: commonNameOf, reason: 'common_name_not_allowed' },
  organizationalUnits: {
    separators: '',
    of: ({ subjectNames }: Certificate) => subjectNames.organizationalUnits,
    reason: 'organizational_unit_not_allowed',
  },
  dnsNames: {
    separators: '.',
    // A star stands for hosts that it does not name: it is nobody's name.
    of: ({ names }: Certificate) => names.dnsNames.filter((name) => !name.includes('*')),
    reason: 'dns_name_not_allowed',
  },
  emails: {
    separators: '@.',
    of: ({ names }: Certificate) => names.emails,
    reason: 'email_not_allowed',
  },
  uris: { separators: ':/', of: ({ names }: Certificate) => names.uris, reason: 'uri_not_allowed' },
  spiffeIds: {
    separators: ':/',
    of: (certificate: Certificate) => [spiffeIdOf(certificate)].filter((id) => id !== undefined),
    reason: 'spiffe_id_not_allowed',
  },
} as const

type Patterned = keyof typeof PATTERNED
const PATTERNED_LISTS = Object.keys(PATTERNED) as readonly Patterned[]

/** Every list of names that a policy may have. */
export const NAME_LISTS: readonly (keyof AllowedNames)[] = [
  ...PATTERNED_LISTS,
  'ipAddresses',
  'subjectAltNames',
]

/** The one common name: which of several is meant, no two readers agree about. */
export function commonNameOf({ subjectNames: { commonNames } }: Certificate): readonly string[] {
  return commonNames.length === 1 ? commonNames : []
}

/** Checks the names of a certificate against each list of a policy. */
export function checkNames(
  certificate: Certificate,
  allowed: AllowedNames,
  list: Checklist,
): boolean {
  const { ipAddresses, subjectAltNames } = allowed
  const patterned = PATTERNED_LISTS.every((member) => {
    const patterns = allowed[member]
    if (patterns === undefined) return true
    const { separators, of, reason } = PATTERNED[member]
    const names = of(certificate)
    const passed = names.some((name) =>
      patterns.some((pattern) => matches(name, pattern, separators)),
    )
    return list.check(member, passed, reason, () => ({
      expected: plain(
        patterns.map((pattern) => (typeof pattern === 'string' ? pattern : pattern.glob)),
      ),
      presented: plain(names),
    }))
  })
  return (
    patterned &&
    (ipAddresses === undefined || checkAddresses(certificate, ipAddresses, list)) &&
    (subjectAltNames === undefined || checkAltNames(certificate, subjectAltNames, list))
  )
}

function matches(name: string, pattern: NamePattern, separators: string): boolean {
  if (typeof pattern === 'string') return name === pattern
  return compileGlob(pattern.glob, separators).matches(name)
}

function checkAddresses(
  { names }: Certificate,
  wanted: readonly string[],
  list: Checklist,
): boolean {
  const admits = compileNetworks(wanted)
  const passed = names.ipAddresses.some((text) => {
    const address = parseAddress(text)
    return address !== undefined && admits(address)
  })
  return list.check('ipAddresses', passed, 'ip_address_not_allowed', () => ({
    expected: plain(wanted),
    presented: plain(names.ipAddresses),
  }))
}

function checkAltNames(
  { names }: Certificate,
  wanted: readonly string[],
  list: Checklist,
): boolean {
  const presented = [
    ...names.dnsNames.filter((name) => !name.includes('*')).map((name) => `DNS:${name}`),
    ...names.ipAddresses.map((name) => `IP:${name}`),
    ...names.uris.map((name) => `URI:${name}`),
    ...names.emails.map((name) => `EMAIL:${name}`),
  ]
  const passed = wanted.map(toPrefixed).some((name) => presented.includes(name))
  return list.check('subjectAltNames', passed, 'subject_alt_name_not_allowed', () => ({
    expected: plain(wanted),
    presented: plain(presented),
  }))
}

/** In the spelling that names of certificates are read in. */
function toPrefixed(text: string): string {
  const [, kind = 'DNS', name = text] = /^(DNS|IP|URI|EMAIL):(.*)$/s.exec(text) ?? []
  if (kind === 'DNS') return `DNS:${name.toLowerCase()}`
  if (kind === 'IP') {
    const address = parseAddress(name)
    return `IP:${address === undefined ? name : formatAddress(address)}`
  }
  if (kind === 'URI') return `URI:${name}`
  const at = name.lastIndexOf('@')
  return `EMAIL:${name.slice(0, at + 1)}${name.slice(at + 1).toLowerCase()}`
}

const pattern: SchemaOf<NamePattern> = chosen<NamePattern>((input) =>
  isPlainObject(input)
    ? objectOf<{ readonly glob: string }>({
        glob: text(1024, (glob) => refuseGlob(glob) ?? refuseStars(glob)),
      })
    : text(1024),
)

function refuseStars(glob: string): string | undefined {
  return /[^*?.:/@]/.test(glob)
    ? undefined
    : 'must leave somebody out: stars alone let in everybody'
}

const patterns = optional(listOf(pattern, 100))

/** DNS names are compared in lower case. */
const hosts = optional(
  listOf(
    chosen<NamePattern>((input) => {
      const spelt = isPlainObject(input) ? input['glob'] : input
      return typeof spelt === 'string' && spelt !== spelt.toLowerCase()
        ? 'must be in lower case'
        : pattern
    }),
    100,
  ),
)

const network = text(64, (written) => {
  const parsed = parseNetwork(written)
  if (parsed === undefined) return 'must be an IPv4 or IPv6 address, or a network'
  return parsed.prefix === 0 ? 'must leave somebody out' : undefined
})

/** The schemas of the lists of names. */
export const nameMembers: Members<AllowedNames> = {
  commonNames: patterns,
  organizationalUnits: patterns,
  dnsNames: hosts,
  emails: patterns,
  uris: patterns,
  ipAddresses: optional(listOf(network, 100)),
  spiffeIds: patterns,
  subjectAltNames: optional(listOf(text(1024), 100)),
}
