import type { MintedClientSecret } from '../../src/engine/manage/client-secrets.ts'
import type { CountersignError } from '../../src/errors.ts'
import type { LockoutInput, TokenPolicyInput } from '../../src/input/auth-method.ts'
import type { NewClientSecret } from '../../src/input/client-secret.ts'
import type { NewIdentity } from '../../src/input/identity.ts'
import type { Grant, GrantOptions } from '../../src/model/grant.ts'
import type { Identity } from '../../src/model/identity.ts'
import type { IdentityPrincipal } from '../../src/model/permission/principal.ts'
import type { Source } from '../../src/model/source.ts'
import type { TestEngine } from './engine.ts'
import { anEngine } from './engine.ts'
import type { Told } from './refusal.ts'
import { refusalOf } from './refusal.ts'

/** Where workloads live, and where others come from. */
export const HOME: Source = { address: '192.0.2.1' }
export const ELSEWHERE: Source = { address: '203.0.113.9' }

/** A secret in the right form that opens nothing. */
export const WRONG = 'cst_cs_wr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0n'

/** What differs from the usual workload. */
export interface WorkloadGiven {
  readonly engine?: TestEngine | undefined
  readonly organization?: string | undefined
  readonly identity?: Partial<NewIdentity> | undefined
  readonly tokenPolicy?: TokenPolicyInput | undefined
  readonly lockout?: LockoutInput | undefined
  readonly secret?: Partial<NewClientSecret> | undefined
}

/** An identity with a client secret, and the engine it is known to. */
export interface Workload extends TestEngine {
  readonly identity: Identity
  readonly secret: MintedClientSecret
  /** The identity's key in the words of the management surface. */
  readonly key: { readonly organization: string; readonly identity: string }
  login(from?: Source, clientSecret?: string): Promise<Grant>
  /** Runs a login that must be refused, and answers its error. */
  refused(from?: Source, clientSecret?: string, told?: Told): Promise<CountersignError>
  /** Makes one more secret. */
  another(given?: Partial<NewClientSecret>): Promise<MintedClientSecret>
}

/** Makes an identity with universal auth, in an organization that is made where it is missing. */
export async function anIdentity(
  { host }: TestEngine,
  { organization = 'acme', identity, tokenPolicy, lockout }: WorkloadGiven = {},
): Promise<Identity> {
  await host.organizations.ensure({ id: organization, name: organization })
  const created = await host.identities.create({
    organization,
    name: 'deployer',
    ...identity,
    authMethod: { method: 'universal', tokenPolicy, lockout },
  })
  return created.identity
}

/** Mints a secret, and remembers that it must not show anywhere. */
export async function aSecret(
  { host, canaries }: TestEngine,
  { id, organization }: Identity,
  given: Partial<NewClientSecret> = {},
): Promise<MintedClientSecret> {
  const secret = await host.clientSecrets.create({ organization, identity: id, ...given })
  canaries.add(secret.clientSecret)
  return secret
}

/** What logging in takes of an engine, whatever methods it has. */
export interface LoginEngine extends Pick<TestEngine, 'canaries'> {
  readonly countersign: Pick<TestEngine['countersign'], 'login'>
}

/** Logs in by client secret, and remembers what must not show anywhere. */
export async function loginAs(
  { countersign, canaries }: LoginEngine,
  identity: string,
  clientSecret: string,
  source: Source = HOME,
): Promise<Grant> {
  canaries.add(clientSecret)
  const request = { method: 'universal', identity, credential: { clientSecret } } as const
  const grant = await countersign.login(request, source)
  canaries.add(grant.accessToken)
  return grant
}

/** Makes a workload that can log in. */
export async function aWorkload(given: WorkloadGiven = {}): Promise<Workload> {
  const engine = given.engine ?? anEngine()
  const identity = await anIdentity(engine, given)
  const secret = await aSecret(engine, identity, given.secret)
  const login = (from = HOME, clientSecret = secret.clientSecret): Promise<Grant> =>
    loginAs(engine, identity.id, clientSecret, from)
  return {
    ...engine,
    identity,
    secret,
    key: { organization: identity.organization, identity: identity.id },
    login,
    refused: (from = HOME, clientSecret = WRONG, told = 'recorded') =>
      refusalOf(engine, () => login(from, clientSecret), told),
    another: (wanted = {}) => aSecret(engine, identity, wanted),
  }
}

/** A workload that has logged in once. */
export interface LoggedIn extends Workload {
  readonly grant: Grant
  readonly accessToken: string
  authenticate(from?: Source, token?: string): Promise<IdentityPrincipal>
  renew(token?: string, options?: GrantOptions): Promise<Grant>
  revoke(token?: string): Promise<void>
  /** Presents a token that must be refused, and answers the error. */
  denied(from?: Source, token?: string, told?: Told): Promise<CountersignError>
  /** Renews a token that must not be renewed, and answers the error. */
  notRenewed(token?: string): Promise<CountersignError>
}

/** Makes a workload and logs it in from `HOME`. */
export async function loggedIn(given: WorkloadGiven = {}): Promise<LoggedIn> {
  const workload = await aWorkload(given)
  const { countersign, canaries } = workload
  const grant = await workload.login()
  const { accessToken } = grant
  const authenticate = (from = HOME, token = accessToken): Promise<IdentityPrincipal> =>
    countersign.authenticate(token, from)
  const renew = async (token = accessToken, options = {}): Promise<Grant> => {
    const renewed = await countersign.renew(token, HOME, options)
    canaries.add(renewed.accessToken)
    return renewed
  }
  return {
    ...workload,
    grant,
    accessToken,
    authenticate,
    renew,
    revoke: (token = accessToken) => countersign.revoke(token, HOME),
    denied: (from = HOME, token = accessToken, told = 'recorded') =>
      refusalOf(workload, () => authenticate(from, token), told),
    notRenewed: (token = accessToken) => refusalOf(workload, () => renew(token)),
  }
}
