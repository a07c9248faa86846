import type { AwsPolicy } from '@countersign/aws'
import type { FakeSts } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { ACCOUNT } from './support/names.ts'
import { anAws, claimsOf, refusalOf } from './support/world.ts'

// The rows of docs/reference/auth-methods/aws.md, each with the session that AWS documents for its environment.

interface Environment {
  readonly role: string
  readonly session: string
  readonly policy: AwsPolicy
}

const roleOf = (role: string): AwsPolicy => ({
  principals: [`arn:aws:iam::${ACCOUNT}:role/${role}`],
})

const ENVIRONMENTS: Readonly<Record<string, Environment>> = {
  EC2: { role: 'web', session: 'i-0123456789abcdef0', policy: roleOf('web') },
  Lambda: { role: 'orders-fn', session: 'orders', policy: roleOf('service-role/orders-fn') },
  ECS: {
    role: 'orders-task',
    session: '0cf3c7b1e8b94f5e8e2a4d1c5b6a7f80',
    policy: roleOf('orders-task'),
  },
  'EKS Pod Identity': {
    role: 'orders-pod',
    session: 'eks-prod-orders-7f9c-2f1d6a0e-6a0c-4a4e-8f60-1c2b3d4e5f60',
    policy: roleOf('orders-pod'),
  },
  'EKS IRSA': {
    role: 'orders-irsa',
    session: 'botocore-session-1772366400',
    policy: roleOf('orders-irsa'),
  },
  'a person, by SSO': {
    role: 'AWSReservedSSO_Admin_0123456789abcdef',
    session: 'ada@example.com',
    policy: { principals: [{ glob: `arn:aws:iam::${ACCOUNT}:role/AWSReservedSSO_Admin_*` }] },
  },
}

describe.each(Object.entries(ENVIRONMENTS))('%s', (_name, { role, session, policy }) => {
  test('logs in by the smallest safe policy, and tells what the table says', async () => {
    const { attach, sts, logInBy } = await anAws()
    const identity = await attach(policy)
    const { accessToken } = await logInBy(sts.assumeRole(ACCOUNT, role, session), identity)
    expect(claimsOf(accessToken)['att']).toMatchObject({
      account: ACCOUNT,
      principalArn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
      type: 'role',
      name: role,
      session,
      uniqueId: sts.roleIdOf(ACCOUNT, role),
    })
  })

  test('lets in no other role, however its session is called, and no other account', async () => {
    const { attach, sts, logInBy } = await anAws()
    const identity = await attach(policy)
    for (const keys of others(sts, role, session))
      expect(await refusalOf(logInBy(keys, identity))).toMatchObject({
        reason: 'principal_not_allowed',
      })
  })
})

function others(sts: FakeSts, role: string, session: string) {
  return [
    sts.assumeRole(ACCOUNT, `x${role}`, session),
    sts.assumeRole(ACCOUNT, 'another', role),
    sts.assumeRole('222222222222', role, session),
    sts.createUser(ACCOUNT, role),
  ]
}

describe('an IAM user', () => {
  test('logs in by its ARN with its path, and has no session', async () => {
    const { attach, sts, logInBy } = await anAws()
    const arn = `arn:aws:iam::${ACCOUNT}:user/ci/deployer`
    const identity = await attach({ principals: [arn] })
    const { accessToken } = await logInBy(sts.createUser(ACCOUNT, 'deployer', '/ci/'), identity)
    const claims = claimsOf(accessToken)['att']
    expect(claims).toMatchObject({
      type: 'user',
      name: 'deployer',
      path: '/ci/',
      principalArn: arn,
    })
    expect(claims).not.toHaveProperty('session')
    const elsewhere = sts.createUser(ACCOUNT, 'deployer', '/other/')
    expect(await refusalOf(logInBy(elsewhere, identity))).toMatchObject({
      reason: 'principal_not_allowed',
    })
  })
})

describe('any of them, rebuilt', () => {
  test('a unique id is bound beside the ARN', async () => {
    const { attach, sts, logInBy } = await anAws()
    const identity = await attach({ ...roleOf('web'), uniqueIds: [sts.roleIdOf(ACCOUNT, 'web')] })
    await expect(logInBy(sts.assumeRole(ACCOUNT, 'web'), identity)).resolves.toBeDefined()
    sts.deleteRole(ACCOUNT, 'web')
    expect(await refusalOf(logInBy(sts.assumeRole(ACCOUNT, 'web'), identity))).toMatchObject({
      reason: 'wrong_unique_id',
    })
  })
})
