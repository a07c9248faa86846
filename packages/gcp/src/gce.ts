import type { Attestation, Rejection } from '@countersign/core/plugin'
import { isRejection } from '@countersign/core/plugin'
import type { Checklist, Claims } from '@countersign/evidence'
import { checkJwt, LEEWAY, plain, USUAL_TYPES } from '@countersign/evidence'
import type { Appraisal } from './appraisal.ts'
import { audiencesOf, settle } from './appraisal.ts'
import { checkInstance, readInstance } from './instance.ts'
import type { GcpPolicy } from './policy.ts'
import { ONE_HOUR } from './policy.ts'
import { isServiceAccountEmail } from './service-account.ts'

const ISSUER = 'https://accounts.google.com'

/** Appraises a token that Google signed: its keys alone are asked, whatever a token says of accounts (CVE-2020-16251). */
export async function appraiseGoogleToken(
  token: string,
  appraisal: Appraisal,
): Promise<Attestation | Rejection> {
  const { context, keys, list, places } = appraisal
  const { policy } = context
  const { leeway = LEEWAY } = policy
  const profile = {
    issuer: ISSUER,
    audiences: audiencesOf(context),
    otherAudiences: false,
    algorithms: ['RS256'],
    types: USUAL_TYPES,
    leeway,
    maxAge: ONE_HOUR,
    maxLifetime: ONE_HOUR,
    undated: false,
  } as const
  const findKey = keys({ from: 'issuer', jwksUrl: places.google })
  const claims = await checkJwt(token, { profile, findKey, list, context })
  if (isRejection(claims)) return claims

  const instance = readInstance(claims)
  if (checkAccount(claims, policy, list)) checkInstance(instance, policy, list)
  const { email, sub } = claims
  return settle({ token, claims }, appraisal, {
    subject: String(email),
    claims: {
      email: String(email),
      serviceAccountId: String(sub),
      ...(instance !== undefined && {
        project: instance.project,
        zone: instance.zone,
        instance: instance.name,
        instanceId: instance.id,
      }),
    },
  })
}

function checkAccount(
  { email, email_verified: verified, sub, aud }: Claims,
  { serviceAccounts }: GcpPolicy,
  list: Checklist,
): boolean {
  const isAccount = isServiceAccountEmail(email) && verified === true && typeof sub === 'string'
  return (
    list.check('single_audience', typeof aud === 'string', 'wrong_audience') &&
    list.check('service_account', isAccount, 'no_service_account', () => ({
      expected: 'a verified address of a service account',
      presented: plain(email),
    })) &&
    (serviceAccounts === undefined ||
      list.check(
        'allowed_service_account',
        serviceAccounts.includes(email as string) || serviceAccounts.includes(sub as string),
        'service_account_not_allowed',
        () => ({ expected: plain(serviceAccounts), presented: plain(email) }),
      ))
  )
}
