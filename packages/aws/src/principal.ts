import type { AwsPartition } from './partitions.ts'
import { AWS_PARTITIONS } from './partitions.ts'

/** Who signed a request, as STS answers it. */
export interface AwsPrincipal {
  readonly partition: AwsPartition
  readonly account: string
  /** The whole ARN, with the session of a role. */
  readonly arn: string
  /** The ARN that policies name: of a user, or of the role rather than of its session; a role's path is not known. */
  readonly principalArn: string
  readonly type: 'user' | 'role'
  readonly name: string
  /** The path of a user, when it has one. */
  readonly path?: string
  /** The name of a role's session, which whoever may assume the role chooses. */
  readonly session?: string
  /** `AIDA…` or `AROA…:session`. */
  readonly userId: string
  /** What no user or role that is made again under the same name has. */
  readonly uniqueId: string
}

/** What STS says of a caller. */
export interface CallerIdentity {
  readonly arn: string
  readonly userId: string
  readonly account: string
}

/** Why an identity is no principal that may log in. */
export type PrincipalFlaw = 'root_not_supported' | 'federated_user_not_supported' | 'unknown_arn'

const ARN = /^arn:([a-z-]{3,16}):(iam|sts)::(\d{12}):([\x21-\x7e]{1,640})$/
const USER = /^user((?:\/[\x21-\x2e\x30-\x7e]+)*)\/([\w+=,.@-]{1,64})$/
const SESSION = /^assumed-role\/([\w+=,.@-]{1,64})\/([\w+=,.@-]{1,64})$/
const UNIQUE_ID = /^A[A-Z0-9]{15,127}$/

/** Reads what STS said; the words of an ARN that may not log in are answered as a flaw. */
export function readPrincipal({
  arn,
  userId,
  account,
}: CallerIdentity): AwsPrincipal | PrincipalFlaw {
  const [, name = '', service, number = '', resource = ''] = ARN.exec(arn) ?? []
  const partition = AWS_PARTITIONS.find((known) => known === name)
  if (partition === undefined || number !== account) return 'unknown_arn'
  if (service === 'iam' && resource === 'root') return 'root_not_supported'
  if (resource.startsWith('federated-user/')) return 'federated_user_not_supported'
  const [uniqueId = ''] = userId.split(':')
  if (!UNIQUE_ID.test(uniqueId)) return 'unknown_arn'
  const whole = { partition, account, arn, userId, uniqueId }
  const [, path, user] = (service === 'iam' && USER.exec(resource)) || []
  if (user !== undefined)
    return {
      ...whole,
      type: 'user',
      principalArn: arn,
      name: user,
      ...(path !== undefined && path !== '' && { path: `${path}/` }),
    }
  const [, role, session] = (service === 'sts' && SESSION.exec(resource)) || []
  if (role === undefined || session === undefined) return 'unknown_arn'
  const principalArn = `arn:${partition}:iam::${account}:role/${role}`
  return { ...whole, type: 'role', principalArn, name: role, session }
}

/** What rules may refer to. */
export function attestedOf({ type, ...principal }: AwsPrincipal): Readonly<Record<string, string>> {
  return { ...principal, type }
}
