import { CountersignError, invalidRequest } from '../errors.ts'
import { identityClaim, isIdentityClaim } from '../input/identity-claim.ts'
import { parse } from '../input/parse.ts'
import type { UserClaim, VouchedBinding } from '../input/user-claim.ts'
import { userClaim } from '../input/user-claim.ts'
import type { TokenClaims } from '../model/access-token.ts'
import type { Identity, IdentityId } from '../model/identity.ts'
import type { Cell, Freshness } from '../model/permission/cell.ts'
import type { CompiledPermissions } from '../model/permission/compile-rules.ts'
import { compileRules } from '../model/permission/compile-rules.ts'
import type { IdentityPrincipal, Principal, UserPrincipal } from '../model/permission/principal.ts'
import { referencesOfUser } from '../model/permission/references.ts'
import type { LoginReason } from '../model/rejection.ts'
import { levelOf } from '../model/resources.ts'
import type { BoundRole } from '../model/role.ts'
import type { RoleBindingId, Subject } from '../model/role-binding.ts'
import { inScope } from '../model/scope.ts'
import type { Grounds, HandleParts, ShownToken } from './handle.ts'
import { Handle } from './handle.ts'
import type { Parts } from './parts.ts'
import { readRules } from './read-rules.ts'

/** One request of an identity: its record, as the authority answered it, and what is known of the login. */
export interface IdentityFacts {
  readonly identity: Identity
  readonly method: string
  readonly session: string
  readonly loggedInAt: Date
  readonly expiresAt?: Date | undefined
  /** The token that was accepted; absent where the host vouched. */
  readonly shown?: ShownToken
}

/** Makes principals, and knows which ones this engine made: an object that merely looks like one manages nothing. */
export interface Principals {
  /** Answers the principal of one request. */
  ofIdentity(facts: IdentityFacts): IdentityPrincipal
  /** Answers whom the host vouches for; a promise unless the host says itself what a user holds. */
  vouchFor(claim: unknown): UserPrincipal | Promise<Principal>
  /** What stands behind a principal; a `TypeError` for what this engine did not make. */
  groundsOf(principal: Principal): Grounds
}

/** Creates what makes the principals of one engine; it keeps none alive. */
export function createPrincipals(
  parts: Pick<Parts, 'vocabulary' | 'codeRoles' | 'cells' | 'compileFresh' | 'storage'>,
  freshness: Freshness,
  now: () => Date,
): Principals {
  const { cells, storage } = parts
  const shared: HandleParts = { now, freshness, refresh: cells.read }

  async function forStored({ user, organization }: UserClaim): Promise<UserPrincipal> {
    const subject: Subject = { kind: 'user', id: user }
    const cell = await cells.read(organization, subject)
    return toPrincipal(new UserHandle(shared, { subject, organization, cell }))
  }

  const toIdentity = (facts: IdentityFacts, cell: Cell): IdentityPrincipal =>
    toPrincipal(new IdentityHandle(shared, groundsOfIdentity(facts, cell), facts))

  async function forIdentity(claim: unknown): Promise<IdentityPrincipal> {
    const { organization, identity: id } = parse(identityClaim, claim)
    const [identity, cell] = await Promise.all([
      storage.identities.find(organization, id),
      cells.read(organization, { kind: 'identity', id }),
    ])
    if (identity === undefined) throw refused('unknown_client')
    if (identity.disabled) throw refused('identity_disabled')
    const facts = { identity, method: VOUCHED, session: identity.id, loggedInAt: now() }
    return toIdentity(facts, cell)
  }

  return {
    ofIdentity(facts) {
      const cell = cells.of(facts.identity)
      if (cell === undefined) throw new TypeError('Nobody asked what this identity holds')
      return toIdentity(facts, cell)
    },
    vouchFor(claim) {
      if (isIdentityClaim(claim)) return forIdentity(claim)
      const said = parse(userClaim, claim)
      if (said.bindings === 'stored') return forStored(said)
      const { user, organization } = said
      const subject: Subject = { kind: 'user', id: user }
      const cell = { compiled: compileVouched(parts, said, said.bindings ?? []), stale: false }
      return toPrincipal(new UserHandle(shared, { subject, organization, cell }))
    },
    groundsOf(principal) {
      const grounds = Handle.groundsOf(shared, principal)
      if (grounds !== undefined) return grounds
      throw new TypeError('as() takes a principal that this engine answered')
    },
  }
}

function groundsOfIdentity({ identity, shown, expiresAt }: IdentityFacts, cell: Cell): Grounds {
  const { organization, id } = identity
  const { att: claims, prm: restriction } = shown?.kind === 'token' ? shown.claims : NO_CLAIMS
  const subject: Subject = { kind: 'identity', id }
  return { subject, organization, cell, claims, restriction, expiresAt, shown }
}

/** How an identity came in that showed no token of ours. No verifier is called so: a name of one has no blank. */
const VOUCHED = 'vouched for'

function refused(reason: LoginReason): CountersignError {
  return new CountersignError('invalid_credential', 'The credential was not accepted', { reason })
}

const NO_CLAIMS: Pick<TokenClaims, 'att' | 'prm'> = {}

class IdentityHandle extends Handle {
  readonly kind = 'identity'
  readonly organization: string
  readonly identity: IdentityId
  readonly name: string
  declare readonly slug?: string
  readonly metadata: Readonly<Record<string, string>>
  readonly method: string
  readonly session: string
  readonly loggedInAt: Date
  declare readonly expiresAt?: Date

  constructor(parts: HandleParts, grounds: Grounds, facts: IdentityFacts) {
    super(parts, grounds)
    const { organization, id, name, slug, metadata } = facts.identity
    this.organization = organization
    this.identity = id
    this.name = name
    if (slug !== undefined) this.slug = slug
    // Requests within `cacheTtl` share what was read: no host may change it under another one.
    this.metadata = Object.freeze(metadata)
    this.method = facts.method
    this.session = facts.session
    this.loggedInAt = facts.loggedInAt
    if (facts.expiresAt !== undefined) this.expiresAt = facts.expiresAt
    Object.freeze(this)
  }
}

class UserHandle extends Handle {
  readonly kind = 'user'
  readonly organization: string
  readonly user: string

  constructor(parts: HandleParts, grounds: Grounds) {
    super(parts, grounds)
    this.organization = grounds.organization
    this.user = grounds.subject.id
    Object.freeze(this)
  }
}

/** A handle takes any words; the words of one vocabulary are known to types alone. */
function toPrincipal(handle: IdentityHandle): IdentityPrincipal
function toPrincipal(handle: UserHandle): UserPrincipal
function toPrincipal(handle: IdentityHandle | UserHandle): Principal {
  return handle as unknown as Principal
}

/** What the host says that a user holds: roles in code, or rules. A stored role is bound where it is stored. */
function compileVouched(
  parts: Pick<Parts, 'vocabulary' | 'codeRoles' | 'compileFresh'>,
  { user, organization }: UserClaim,
  bindings: readonly VouchedBinding[],
): CompiledPermissions {
  const bound = bindings.map(({ role, rules, project, from, until }, index): BoundRole => {
    const scope = inScope({ organization, project })
    if (role !== undefined && parts.codeRoles.find(role, levelOf(scope)) === undefined)
      throw invalidRequest(
        `bindings[${index}].role must be the slug of a role in code for its scope`,
      )
    return {
      binding: {
        id: `bnd_vouched-${index}` satisfies RoleBindingId,
        ...scope,
        subject: { kind: 'user', id: user },
        ...(role !== undefined && { role }),
        ...(rules !== undefined && { rules: readRules(parts, rules, scope) }),
        ...(from !== undefined && { from }),
        ...(until !== undefined && { until }),
        createdBy: { kind: 'engine' },
        createdAt: VOUCHED_AT,
      },
    }
  })
  return compileRules(parts.vocabulary, parts.compileFresh(bound), referencesOfUser(user))
}

/** What is not stored has no beginning. */
const VOUCHED_AT = new Date(0)
