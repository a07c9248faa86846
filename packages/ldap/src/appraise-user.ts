import type { Rejection } from '@countersign/core/plugin'
import { fromUtf8, toBase64Url } from '@countersign/core/plugin'
import type { Checklist } from '@countersign/evidence'
import { plain } from '@countersign/evidence'
import type { Directory } from './directory.ts'
import type { Entry } from './fields.ts'
import { satisfiesField, textsOf } from './fields.ts'
import { bindService } from './find-server.ts'
import type { LdapPolicy } from './policy.ts'
import { USUAL_FILTER } from './policy.ts'
import { fillDn, fillFilter } from './template.ts'

/** A user whom the directory vouches for. */
export interface User {
  readonly username: string
  readonly entry: Entry
  /** What outlives a renaming, where the directory has it. */
  readonly id: string | undefined
  readonly groups: readonly string[]
}

/** Who says to be whom: the name in its canonical form. */
export interface Claimed {
  readonly username: string
  readonly password: string
}

/** Has the directory check a password, and reads the same entry afterwards. */
export async function appraiseUser(
  claimed: Claimed,
  policy: LdapPolicy,
  directory: Directory,
  list: Checklist,
): Promise<User | Rejection> {
  const { username, password } = claimed
  const found = await findUser(username, policy, directory)
  // A name that nobody has costs the same requests as one with a wrong password.
  const name = found.length === 1 ? (found[0]?.dn ?? '') : nobodyIn(policy)
  const accepted = await directory.bind(name, password)
  const only = found.length === 1 ? found[0] : undefined
  if (only === undefined)
    return found.length === 0
      ? list.stop('user', 'user_unknown')
      : list.stop('user', 'user_ambiguous', () => ({ expected: 'exactly one entry' }))
  list.check('user', true, '')
  if (!accepted) return list.stop('password', 'wrong_password')
  list.check('password', true, '')
  const entry = await readEntry(only, username, policy, directory)
  if (entry === undefined) return list.stop('entry', 'entry_changed')
  list.check('entry', true, '')
  const id = idOf(entry, policy)
  const groups = await checkUser({ username, entry }, policy, directory, list)
  return list.refusal() ?? { username, entry, id, groups }
}

/** The entries of a name, or the one that the template says. */
async function findUser(
  username: string,
  policy: LdapPolicy,
  directory: Directory,
): Promise<readonly Entry[]> {
  const { dnTemplate, searchBase = '', searchFilter = USUAL_FILTER } = policy
  if (dnTemplate !== undefined) return [{ dn: fillDn(dnTemplate, { username }), values: new Map() }]
  return directory.search({
    base: searchBase,
    scope: 'sub',
    filter: fillFilter(searchFilter, { username }),
    attributes: [idAttributeOf(policy)],
    most: 2,
  })
}

/** Reads the entry that was bound to; nothing where it is no longer there, no longer matches, or is another by now. */
async function readEntry(
  found: Entry,
  username: string,
  policy: LdapPolicy,
  directory: Directory,
): Promise<Entry | undefined> {
  const { dnTemplate, searchFilter, allowedFields = [], attested = [] } = policy
  if (dnTemplate === undefined) await bindService(directory, policy)
  const filter = searchFilter ?? (dnTemplate === undefined ? USUAL_FILTER : '(objectClass=*)')
  const names = [idAttributeOf(policy), ...allowedFields.map((rule) => rule.attribute), ...attested]
  const [entry] = await directory.search({
    base: found.dn,
    scope: 'base',
    filter: fillFilter(filter, { username }),
    attributes: [...new Set(names)],
    most: 2,
  })
  const before = idOf(found, policy)
  if (entry === undefined || (before !== undefined && before !== idOf(entry, policy)))
    return undefined
  return entry
}

async function checkUser(
  { username, entry }: Pick<User, 'username' | 'entry'>,
  policy: LdapPolicy,
  directory: Directory,
  list: Checklist,
): Promise<readonly string[]> {
  const { users, allowedFields = [], groups, idAttribute } = policy
  if (users !== undefined) list.check('users', users.includes(username), 'user_not_allowed')
  if (idAttribute !== undefined)
    list.check('id', idOf(entry, policy) !== undefined, 'id_missing', () => ({
      expected: plain(idAttribute),
    }))
  for (const rule of allowedFields)
    list.check('field', satisfiesField(entry, rule), 'field_not_allowed', () => ({
      expected: plain(rule.attribute),
    }))
  if (groups === undefined || list.refusal() !== undefined) return []
  const found = await groupsOf(username, entry.dn, groups, directory)
  list.check('groups', found.length > 0, 'group_not_allowed', () => ({
    expected: plain(groups.allowed),
  }))
  return found
}

/** The allowed groups that a user is in; no others are even asked for. */
async function groupsOf(
  username: string,
  dn: string,
  { base, filter, attribute = 'cn', allowed }: NonNullable<LdapPolicy['groups']>,
  directory: Directory,
): Promise<readonly string[]> {
  const names = Object.fromEntries(allowed.map((name, index) => [`n${letters(index)}`, name]))
  const any = Object.keys(names).map((name) => `(${attribute}={{${name}}})`)
  const entries = await directory.search({
    base,
    scope: 'sub',
    filter: `(&${fillFilter(filter, { username, dn })}${fillFilter(`(|${any.join('')})`, names)})`,
    attributes: [attribute],
    most: MOST_GROUPS,
  })
  const wanted = new Map(allowed.map((name) => [name.toLowerCase(), name]))
  const found = entries
    .flatMap((entry) => textsOf(entry, attribute))
    .map((name) => wanted.get(name.toLowerCase()))
    .filter((name) => name !== undefined)
  return [...new Set(found)].sort()
}

/** As many as may be allowed, each a few times over. */
const MOST_GROUPS = 400

function letters(index: number): string {
  return Array.from(String(index), (digit) => String.fromCharCode(97 + Number(digit))).join('')
}

/** A name that a directory can look for in vain. */
function nobodyIn({ searchBase = '' }: LdapPolicy): string {
  return searchBase === '' ? 'cn=countersign-nobody' : `cn=countersign-nobody,${searchBase}`
}

function idAttributeOf({ idAttribute = 'entryUUID' }: LdapPolicy): string {
  return idAttribute
}

/** An id is compared as bytes: it may be no text. */
function idOf({ values }: Entry, policy: LdapPolicy): string | undefined {
  const [id, ...more] = values.get(idAttributeOf(policy).toLowerCase()) ?? []
  if (id === undefined || more.length > 0) return undefined
  const text = fromUtf8(id)
  return text !== undefined && /^[\x21-\x7e]{1,128}$/.test(text) ? text : toBase64Url(id)
}
