import { parseAddress } from '@countersign/core/plugin'
import type { Certificate } from '../certificate/certificate.ts'
import type { Trees } from '../certificate/constraints.ts'

/** Why the names of a certificate break the constraints of an authority above it. */
export type ConstraintFault = 'name_constraint_violated' | 'name_constraint_unknown'

/**
 * Judges every name of a certificate by the constraints of one authority above it: each must lie in a permitted tree of
 * its kind, where there are any, and none in an excluded one (RFC 5280, 6.1.3 b and c).
 */
export function refuseNames(
  certificate: Certificate,
  { constraints }: Pick<Certificate, 'constraints'>,
): ConstraintFault | undefined {
  if (constraints === undefined) return undefined
  if (constraints.others || certificate.names.others) return 'name_constraint_unknown'
  const names = namesOf(certificate)
  const { permitted, excluded } = constraints
  const violated = KINDS.some((kind) =>
    names[kind].some(
      (name) =>
        isInside(kind, name, excluded) ||
        (permitted[kind].length > 0 && !isInside(kind, name, permitted)),
    ),
  )
  return violated ? 'name_constraint_violated' : undefined
}

type Kind = keyof Trees
type Name = string | readonly string[]

const KINDS = ['dnsNames', 'emails', 'uris', 'ipAddresses', 'directories'] as const

/** A common name that looks like a host is one, where no alternative name is: as OpenSSL has it. */
function namesOf({ names, subjectNames }: Certificate): Readonly<Record<Kind, readonly Name[]>> {
  const { dnsNames, emails, uris, ipAddresses, directories } = names
  const hosts = subjectNames.commonNames.filter((name) => /^[\w*-]+(?:\.[\w-]+)+$/.test(name))
  const { directory } = subjectNames
  return {
    dnsNames: dnsNames.length > 0 ? dnsNames : hosts.map((name) => name.toLowerCase()),
    emails: [...emails, ...subjectNames.emails],
    uris,
    ipAddresses,
    directories: directory.length > 0 ? [directory, ...directories] : directories,
  }
}

function isInside(kind: Kind, name: Name, trees: Trees): boolean {
  if (kind === 'directories')
    return trees.directories.some((tree) => tree.every((part, index) => part === name[index]))
  if (typeof name !== 'string') return false
  if (kind === 'ipAddresses') return trees.ipAddresses.some((tree) => isMasked(name, tree))
  return trees[kind].some((tree) => INSIDE[kind](name, tree))
}

const INSIDE: Readonly<
  Record<'dnsNames' | 'emails' | 'uris', (name: string, tree: string) => boolean>
> = {
  // RFC 5280: any number of labels may stand in front. A dot in front of a tree is a common mistake for the same.
  dnsNames: (name, tree) => isBelow(name, tree.replace(/^\./, '')),
  emails(name, tree) {
    if (tree.includes('@')) return name === tree
    return isHost(name.slice(name.lastIndexOf('@') + 1), tree)
  },
  // What has no host cannot lie in a tree of hosts.
  uris: (name, tree) => isHost(hostOf(name), tree),
}

function isBelow(name: string, tree: string): boolean {
  return tree === '' || name === tree || name.endsWith(`.${tree}`)
}

/** A host exactly, or with a dot in front the hosts below. */
function isHost(host: string | undefined, tree: string): boolean {
  if (host === undefined) return false
  return tree.startsWith('.') ? host.endsWith(tree) : host === tree
}

function hostOf(uri: string): string | undefined {
  const authority = /^[^:/?#]+:\/\/([^/?#]*)/.exec(uri)?.[1]
  const host = authority?.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '')
  return host === undefined || host === '' ? undefined : host.toLowerCase()
}

function isMasked(name: string, tree: Uint8Array): boolean {
  const bytes = bytesOf(name)
  const half = tree.length / 2
  if (bytes?.length !== half) return false
  return bytes.every((byte, index) => {
    const mask = tree[half + index] ?? 0
    return (byte & mask) === ((tree[index] ?? 0) & mask)
  })
}

function bytesOf(name: string): Uint8Array | undefined {
  const words = parseAddress(name)?.words
  return (
    words && Uint8Array.from(words.flatMap((word) => [24, 16, 8, 0].map((bits) => word >>> bits)))
  )
}
