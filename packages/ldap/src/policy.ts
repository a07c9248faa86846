import type { SchemaOf, TemplateForm } from '@countersign/core/plugin'
import type { CompiledEgress } from '@countersign/evidence'
import { listOf, literal, objectOf, optional, text } from '@countersign/evidence'
import type { FieldRule } from './fields.ts'
import { attributeName, fieldRule } from './fields.ts'
import { refuseServer } from './server-url.ts'
import { refuseDn, refuseFilter } from './template.ts'
import { canonicalUsername, LONGEST_USERNAME } from './username.ts'

/** A certificate that servers know us by, both in PEM; its key is sealed. */
export interface ClientCertificate {
  readonly certificate: string
  readonly key: string
}

/** Groups, any one of which is enough. */
export interface GroupRule {
  readonly base: string
  /** Finds the groups of a user, by `{{dn}}` or `{{username}}`. */
  readonly filter: string
  /** The attribute that names a group; `cn` where absent. */
  readonly attribute?: string | undefined
  /** The names that are enough, without regard to case. */
  readonly allowed: readonly string[]
}

/** Which directory is asked, and as whom: what an auth template may hold. */
export interface LdapConnection {
  /** The servers, in the order in which they are tried. */
  readonly urls: readonly string[]
  /** Says that `ldap://` is upgraded (RFC 4511, 4.14) before anything else is sent. */
  readonly startTls?: true | undefined
  /** Certificates (PEM) that servers are trusted by, instead of the system's. */
  readonly ca?: string | undefined
  readonly clientCertificate?: ClientCertificate | undefined
  /** Who searches, and the password, which is sealed. Without them the search is anonymous. */
  readonly bindDn?: string | undefined
  readonly bindPassword?: string | undefined
  /** Binds as the user directly, without a search: `uid={{username}},ou=people,dc=example`. */
  readonly dnTemplate?: string | undefined
  /** Where entries are searched for. */
  readonly searchBase?: string | undefined
}

/** Which directory an auth method by LDAP asks, and whom of it it trusts. */
export interface LdapPolicy extends LdapConnection {
  /** Finds the one entry of a user; `(uid={{username}})` where absent. */
  readonly searchFilter?: string | undefined
  /** What the entry must have: all of these. */
  readonly allowedFields?: readonly FieldRule[] | undefined
  readonly groups?: GroupRule | undefined
  /** The users that are let in, by their names in their canonical form. */
  readonly users?: readonly string[] | undefined
  /** Says that whoever the filter finds may be this identity. */
  readonly anyUser?: true | undefined
  /** The attribute that outlives a renaming; `entryUUID` where absent. */
  readonly idAttribute?: string | undefined
  /** Attributes that permission rules may refer to. */
  readonly attested?: readonly string[] | undefined
}

/** The filter of policies that have none. */
export const USUAL_FILTER = '(uid={{username}})'

/** The schema of policies; what `egress` does not admit is refused when a policy is saved. */
export function policyOf(egress: CompiledEgress): SchemaOf<LdapPolicy> {
  return objectOf<LdapPolicy>(
    {
      ...CONNECTION,
      searchFilter: optional(text(1024, (filter) => refuseFilter(filter, ['username']))),
      allowedFields: optional(listOf(fieldRule, 50)),
      groups: optional(
        objectOf<GroupRule>({
          base: text(1024),
          filter: text(1024, (filter) => refuseFilter(filter, ['dn', 'username'])),
          attribute: optional(attributeName),
          allowed: listOf(text(256), 100),
        }),
      ),
      users: optional(listOf(text(LONGEST_USERNAME, refuseUser), 1000)),
      anyUser: optional(literal(true)),
      idAttribute: optional(attributeName),
      attested: optional(listOf(attributeName, 20)),
    },
    (policy) => refuseServers(policy, egress) ?? refuseBind(policy) ?? refuseAnybody(policy),
  )
}

/** What templates hold: all that leads to the password of the service, and nothing of whom an auth method trusts. */
export function templateOf(egress: CompiledEgress): TemplateForm {
  return {
    members: Object.keys(CONNECTION),
    policy: objectOf<LdapConnection>(
      CONNECTION,
      (connection) => refuseServers(connection, egress) ?? refuseBind(connection),
    ),
  }
}

const certificates = text(102_400, refuseCertificates)

const CONNECTION = {
  urls: listOf(text(512), 8),
  startTls: optional(literal(true)),
  ca: optional(certificates),
  clientCertificate: optional(
    objectOf<ClientCertificate>({ certificate: certificates, key: text(65_536, refuseKey) }),
  ),
  bindDn: optional(text(1024, refuseBindName)),
  bindPassword: optional(text(512)),
  dnTemplate: optional(text(1024, refuseDn)),
  searchBase: optional(text(1024)),
}

function refuseServers(
  { urls, startTls }: LdapConnection,
  egress: CompiledEgress,
): string | undefined {
  const problems = urls.map((url) => refuseServer(url, startTls === true, egress))
  const problem = problems.find((found) => found !== undefined)
  return problem === undefined ? undefined : `must have urls each of which ${problem}`
}

function refuseBind(policy: LdapConnection): string | undefined {
  const { bindDn, bindPassword, dnTemplate, searchBase } = policy
  if ((bindDn === undefined) !== (bindPassword === undefined))
    return 'must have bindDn and bindPassword together'
  if (dnTemplate === undefined)
    return searchBase === undefined ? 'must have a searchBase, or a dnTemplate' : undefined
  return bindDn !== undefined || searchBase !== undefined
    ? 'must have either a dnTemplate, or a search with bindDn, bindPassword and searchBase'
    : undefined
}

function refuseAnybody({ allowedFields, groups, users, anyUser }: LdapPolicy): string | undefined {
  const bounds = [allowedFields, groups, users].filter((bound) => bound !== undefined)
  if (anyUser !== undefined && bounds.length > 0)
    return 'must not say anyUser beside allowedFields, groups or users'
  return bounds.length === 0 && anyUser === undefined
    ? 'must have allowedFields, groups or users, or say anyUser: true'
    : undefined
}

function refuseCertificates(pem: string): string | undefined {
  return pem.includes('-----BEGIN CERTIFICATE-----') && !pem.includes('PRIVATE KEY')
    ? undefined
    : 'must be certificates in PEM, and nothing else'
}

function refuseKey(pem: string): string | undefined {
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem) ? undefined : 'must be a key in PEM'
}

/** A DN, or a name of Active Directory; a word alone would be read as a mechanism of SASL. */
function refuseBindName(name: string): string | undefined {
  return /[=@\\]/.test(name) ? undefined : 'must be a DN, or user@domain'
}

function refuseUser(name: string): string | undefined {
  return canonicalUsername(name) === name
    ? undefined
    : 'must be in lower case, without blanks around'
}
