import type { Checklist } from '../checklist.ts'
import { plain } from '../checklist.ts'
import type { Claims } from '../jwt/read-jwt.ts'
import type { AttestedClaims } from './attested-claims.ts'
import { attest } from './attested-claims.ts'
import { claimAt } from './claim-path.ts'
import type { ClaimRule, ClaimRules } from './claim-rule.ts'
import { describeRule, satisfies } from './claim-rule.ts'

/** What a policy wants of the claims of a token that is in order. */
export interface ClaimPolicy {
  readonly subject?: ClaimRule | undefined
  /** A second rule for the subject, which must hold as well. */
  readonly subjectGlob?: string | undefined
  readonly claims?: ClaimRules | undefined
  readonly attest?: AttestedClaims | undefined
}

/** Checks the claims of a verified token one by one; answers what is attested, or nothing where the list refuses. */
export function checkClaims(
  claims: Claims,
  { subject, subjectGlob, claims: rules = {}, attest: attested }: ClaimPolicy,
  list: Checklist,
): Readonly<Record<string, string>> | undefined {
  const { sub } = claims
  const wanted: readonly (readonly [string, string, ClaimRule | undefined])[] = [
    ['subject', 'sub', subject],
    ['subject', 'sub', subjectGlob === undefined ? undefined : { glob: subjectGlob }],
    ...Object.entries(rules).map(([path, rule]) => [`claim ${path}`, path, rule] as const),
  ]
  const isNamed = list.check(
    'subject',
    typeof sub === 'string' && sub !== '',
    'no_subject',
    () => ({
      presented: plain(sub),
    }),
  )
  if (!isNamed) return undefined
  for (const [name, path, rule] of wanted) {
    if (rule === undefined) continue
    const claim = claimAt(claims, path)
    const reason = name === 'subject' ? 'wrong_subject' : 'claim_not_allowed'
    const shown = () => ({ expected: plain(describeRule(rule)), presented: plain(claim) })
    if (!list.check(name, satisfies(claim, rule), reason, shown)) return undefined
  }
  const { values, missing } = attest(claims, attested)
  const isWhole = list.check('attested_claims', missing.length === 0, 'claim_missing', () => ({
    expected: plain(Object.keys(attested ?? {})),
    presented: `without ${plain(missing)}`,
  }))
  return isWhole && list.refusal() === undefined ? values : undefined
}
