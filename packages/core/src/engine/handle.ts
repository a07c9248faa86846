import { CountersignError } from '../errors.ts'
import type { Restriction, TokenClaims } from '../model/access-token.ts'
import { canSometimes } from '../model/permission/can-sometimes.ts'
import type { Cell, Freshness } from '../model/permission/cell.ts'
import { isFresh } from '../model/permission/cell.ts'
import type { CompiledPermissions } from '../model/permission/compile-rules.ts'
import { allHeld } from '../model/permission/compile-rules.ts'
import type { Conditions } from '../model/permission/conditions.ts'
import { conditions } from '../model/permission/conditions.ts'
import type { Decision, Request } from '../model/permission/decide.ts'
import { decide } from '../model/permission/decide.ts'
import type { Explanation } from '../model/permission/explain.ts'
import { explain } from '../model/permission/explain.ts'
import type { HeldPermissions, Place, StaleExplanation } from '../model/permission/principal.ts'
import { withClaims } from '../model/permission/references.ts'
import { restrict } from '../model/permission/restriction.ts'
import type { Subject } from '../model/role-binding.ts'
import type { Scope } from '../model/scope.ts'
import type { StaticTokenId } from '../model/static-token.ts'

/** What stands behind a principal. */
export interface Grounds {
  readonly subject: Subject
  readonly organization: string
  readonly cell: Cell
  /** The values of its attestation that rules may refer to. */
  readonly claims?: Readonly<Record<string, string>> | undefined
  /** What its token is restricted to. */
  readonly restriction?: Restriction | undefined
  /** The token that proved it; absent for a user. */
  readonly shown?: ShownToken | undefined
  /** When that token ends; absent where it never does. */
  readonly expiresAt?: Date | undefined
}

/** A token that was accepted: what names its login, or the static token itself. */
export type ShownToken =
  | { readonly kind: 'token'; readonly claims: TokenClaims }
  | { readonly kind: 'static_token'; readonly id: StaticTokenId }

/** What all handles of one engine share. */
export interface HandleParts {
  readonly now: () => Date
  readonly freshness: Freshness
  /** Asks the authority about a subject, and brings its cell up to the answer. */
  readonly refresh: (organization: string, subject: Subject) => Promise<unknown>
}

/** A question as a host writes it: the attributes, and the project beside them. */
type Said = Readonly<Record<string, unknown>>

/** A principal as a handle: what it is stands in members of its own, what it may do behind private ones. */
export abstract class Handle {
  readonly #parts: HandleParts
  readonly #grounds: Grounds
  #read: { readonly from: CompiledPermissions; readonly to: CompiledPermissions } | undefined

  constructor(parts: HandleParts, grounds: Grounds) {
    this.#parts = parts
    this.#grounds = grounds
  }

  /** What stands behind a principal of these parts. What is no object is none of ours, nor is any copy. */
  static groundsOf(parts: HandleParts, principal: unknown): Grounds | undefined {
    if (typeof principal !== 'object' || principal === null || !(#grounds in principal))
      return undefined
    return principal.#parts === parts ? principal.#grounds : undefined
  }

  can(permission: string, said: Said = NOTHING): boolean {
    return this.#decide(permission, said).allowed
  }

  authorize(permission: string, said: Said = NOTHING): void {
    const { allowed, reason } = this.#decide(permission, said)
    if (allowed) return
    const scope = readScope(this.#grounds, said) ?? { organization: this.#grounds.organization }
    throw new CountersignError('permission_denied', 'A permission for this is missing', {
      reason: reason === 'stale' ? 'stale' : 'forbidden',
      details: { refusal: 'missing_permission', permission, scope },
    })
  }

  canSometimes(permission: string, { project }: Place = {}): boolean {
    const now = this.#parts.now()
    if (!this.#isFresh(now)) return false
    const { organization } = this.#grounds
    const scope = project === undefined ? undefined : { organization, project }
    return canSometimes(this.#permissions(), { permission, ...(scope && { scope }) }, now)
  }

  explain(permission: string, said: Said = NOTHING): Explanation | StaleExplanation {
    const now = this.#parts.now()
    if (!this.#isFresh(now)) return STALE
    const request = readRequest(this.#grounds, permission, said)
    return request === undefined ? WRONG_SCOPE : explain(this.#permissions(), request, now)
  }

  conditions(permission: string, { project }: Place = {}): Conditions {
    const now = this.#parts.now()
    if (!this.#isFresh(now)) return 'none'
    const { organization } = this.#grounds
    const scope = { organization, ...(project !== undefined && { project }) }
    return conditions(this.#permissions(), { permission, scope }, now)
  }

  permissions(): readonly HeldPermissions[] {
    return allHeld(this.#permissions()).map(({ binding, role, scope, from, until, rules }) => ({
      binding,
      scope: { ...scope },
      ...(role !== undefined && { role }),
      ...(from !== undefined && { from: new Date(from) }),
      ...(until !== undefined && { until: new Date(until) }),
      rules: structuredClone(rules.rules.map(({ rule }) => rule)),
    }))
  }

  async refresh(): Promise<void> {
    const { organization, subject, cell } = this.#grounds
    if (cell.askedAt !== undefined) await this.#parts.refresh(organization, subject)
  }

  #decide(permission: string, said: Said): Decision | StaleExplanation {
    const now = this.#parts.now()
    if (!this.#isFresh(now)) return STALE
    const request = readRequest(this.#grounds, permission, said)
    return request === undefined ? WRONG_SCOPE : decide(this.#permissions(), request, now)
  }

  #isFresh(now: Date): boolean {
    return isFresh(this.#grounds.cell, this.#parts.freshness, now)
  }

  /** The subject's permissions, read with the claims and cut to the restriction of this very token. */
  #permissions(): CompiledPermissions {
    const { cell, claims, restriction } = this.#grounds
    if (claims === undefined && restriction === undefined) return cell.compiled
    if (this.#read?.from !== cell.compiled)
      this.#read = { from: cell.compiled, to: readAs(this.#grounds, cell.compiled) }
    return this.#read.to
  }
}

/** What a subject holds, as one token of it may use it. */
export function readAs(
  { claims, restriction }: Pick<Grounds, 'claims' | 'restriction'>,
  compiled: CompiledPermissions,
): CompiledPermissions {
  const read = claims === undefined ? compiled : withClaims(compiled, claims)
  return restriction === undefined ? read : restrict(read, restriction)
}

const NOTHING: Said = Object.freeze({})

const STALE: StaleExplanation = Object.freeze({ allowed: false, reason: 'stale' })

const WRONG_SCOPE: Decision = Object.freeze({ allowed: false, reason: 'wrong_scope' })

function readRequest(grounds: Grounds, permission: string, said: Said): Request | undefined {
  const scope = readScope(grounds, said)
  return scope && { permission, scope, attributes: said }
}

/** Where a question is asked; nowhere, if it names another tenant or a project that is no text. */
function readScope({ organization }: Grounds, said: Said): Scope | undefined {
  if (Object.hasOwn(said, 'organization') && said['organization'] !== organization) return undefined
  const project = Object.hasOwn(said, 'project') ? said['project'] : undefined
  if (project === undefined) return { organization }
  return typeof project === 'string' ? { organization, project } : undefined
}
