import type { Seconds } from '@countersign/core/plugin'
import { compileGlob, refuseGlob } from '@countersign/core/plugin'
import type {
  AttestedClaims,
  ClaimRule,
  ClaimRules,
  JwtAlgorithm,
  JwtProfile,
  Members,
  Replay,
} from '@countersign/evidence'
import {
  attestedClaims,
  CLAIM_SEPARATORS,
  claimRules,
  constrains,
  isExact,
  JWT_ALGORITHMS,
  LEEWAY,
  listOf,
  literal,
  MOST_AGE,
  optional,
  subjectRule,
  text,
  USUAL_ALGORITHMS,
  USUAL_TYPES,
  whole,
} from '@countersign/evidence'
import type { ProfileName } from './profiles/index.ts'
import { PROFILES, profileOf } from './profiles/index.ts'
import type { Profile } from './profiles/profile.ts'

/** What every policy over tokens of another issuer says. */
export interface TokenTrust {
  /** The platform that issues the tokens: its forms are checked, and trust that is unsafe there is refused. */
  readonly profile?: ProfileName | undefined
  /** Whom a token must be for: exactly one of these. */
  readonly audiences: readonly string[]
  /** Says that a token may be for others as well. */
  readonly otherAudiences?: true | undefined
  /** Whom a token must be about: exactly, `{ in }`, or `{ glob }` with the separators `:` and `/`. */
  readonly subject?: ClaimRule | undefined
  /** A second rule for the subject, which must hold as well. */
  readonly subjectGlob?: string | undefined
  /** What other claims must be, by name or JSON pointer. */
  readonly claims?: ClaimRules | undefined
  /** Says that whoever the issuer knows may log in; refused for issuers that strangers share. */
  readonly anySubject?: true | undefined
  readonly algorithms?: readonly JwtAlgorithm[] | undefined
  /** What `typ` may be beside `JWT` or nothing: `at+jwt`, where access tokens are what shall log in. */
  readonly types?: readonly string[] | undefined
  /** How much clocks may differ: 0 to 60 s, 30 by default. */
  readonly leeway?: Seconds | undefined
  /** The most seconds since a token was issued; a day by default. */
  readonly maxAge?: Seconds | undefined
  /** Whether one token opens one login alone, by its `jti` or by what was signed; `off` by default. */
  readonly replay?: Replay | undefined
  /** Claims that permission rules may refer to, by the names that they use. */
  readonly attest?: AttestedClaims | undefined
}

/** The members of every such policy. */
export const trustMembers: Members<TokenTrust> = {
  profile: optional(literal(...(Object.keys(PROFILES) as ProfileName[]))),
  audiences: listOf(text(512), 16),
  otherAudiences: optional(literal(true)),
  subject: optional(subjectRule),
  subjectGlob: optional(
    text(1024, (glob) =>
      glob.startsWith('!') ? 'must not begin with !; there is no negation' : refuseGlob(glob),
    ),
  ),
  claims: optional(claimRules),
  anySubject: optional(literal(true)),
  algorithms: optional(listOf(literal(...JWT_ALGORITHMS), JWT_ALGORITHMS.length)),
  types: optional(
    listOf(
      text(64, (type) => (/^[a-z0-9.+-]+$/.test(type) ? undefined : 'must be in lower case')),
      8,
    ),
  ),
  leeway: optional(whole(0, 60)),
  maxAge: optional(whole(1, MOST_AGE)),
  replay: optional(literal('off', 'jti', 'signature')),
  attest: optional(attestedClaims),
}

/** Says why a policy trusts too many, or nothing where it does not. */
export function refuseTrust(trust: TokenTrust, issuer: string | undefined): string | undefined {
  const profile = profileOf(trust.profile, issuer)
  const rules = [
    trust.subject,
    trust.subjectGlob === undefined ? undefined : { glob: trust.subjectGlob },
    ...Object.values(trust.claims ?? {}),
  ].filter((rule) => rule !== undefined)
  const isBound = rules.some(constrains)
  if (!isBound && trust.anySubject !== true)
    return 'must bind the subject or a claim, or say anySubject: true'
  return profile === undefined ? undefined : refuseByProfile(profile, trust, issuer)
}

function refuseByProfile(
  { title, issuers, tenant, tenantSubject, refusedAudiences }: Profile,
  trust: TokenTrust,
  issuer: string | undefined,
): string | undefined {
  const isItsIssuer =
    issuer === undefined || issuers.shared.includes(issuer) || issuers.own?.test(issuer) === true
  if (!isItsIssuer) return `must have an issuer of ${title}`
  if (refusedAudiences !== undefined && trust.audiences.some((name) => refusedAudiences.test(name)))
    return `must have an audience of its own: ${title} writes this one into tokens unasked`
  const bindsClaim = tenant.some((path) => {
    const rule = Object.hasOwn(trust.claims ?? {}, path) ? trust.claims?.[path] : undefined
    return rule !== undefined && isExact(rule)
  })
  if (bindsClaim || (tenantSubject !== undefined && bindsSubject(trust, tenantSubject)))
    return undefined
  const named = [...tenant, ...(tenantSubject === undefined ? [] : ['the subject with its ids'])]
  return `must bind what stays with one owner of ${title}, exactly: ${named.join(' or ')}`
}

/** Whether every subject that a rule admits begins with what binds its owner. */
function bindsSubject({ subject, subjectGlob }: TokenTrust, tenantSubject: RegExp): boolean {
  const globs = subjectGlob === undefined ? [] : [{ glob: subjectGlob }]
  return [subject, ...globs].some((rule) => {
    if (typeof rule === 'string') return tenantSubject.test(rule)
    if (typeof rule !== 'object') return false
    if ('in' in rule) return rule.in.every((value) => tenantSubject.test(String(value)))
    return 'glob' in rule && tenantSubject.test(compileGlob(rule.glob, CLAIM_SEPARATORS).prefix)
  })
}

/** What a token must be, by a policy and the profile that holds for it. */
export function toJwtProfile(trust: TokenTrust, issuer: string | undefined): JwtProfile {
  const profile = profileOf(trust.profile, issuer)
  const { audiences, otherAudiences = false, leeway = LEEWAY, maxAge = MOST_AGE } = trust
  const { algorithms = profile?.algorithms ?? USUAL_ALGORITHMS, types = [] } = trust
  return {
    ...(issuer !== undefined && { issuer }),
    audiences,
    otherAudiences,
    algorithms,
    types: [...USUAL_TYPES, ...types],
    leeway,
    maxAge,
    maxLifetime: MOST_AGE,
    undated: profile?.undated === true,
  }
}
