import type { MintedStaticToken } from '../../src/engine/manage/static-tokens.ts'
import type { CountersignError } from '../../src/errors.ts'
import type { TokenPolicyInput } from '../../src/input/auth-method.ts'
import type { NewStaticToken } from '../../src/input/static-token.ts'
import type { Grant } from '../../src/model/grant.ts'
import type { Identity } from '../../src/model/identity.ts'
import type { IdentityPrincipal } from '../../src/model/permission/principal.ts'
import type { Source } from '../../src/model/source.ts'
import type { StaticTokenPolicy } from '../../src/model/static-token.ts'
import type { TestEngine } from './engine.ts'
import { anEngine } from './engine.ts'
import type { Told } from './refusal.ts'
import { refusalOf } from './refusal.ts'
import { HOME } from './workload.ts'

/** What differs from the usual holder of a static token. */
export interface BearerGiven {
  readonly engine?: TestEngine | undefined
  readonly organization?: string | undefined
  readonly policy?: StaticTokenPolicy | undefined
  readonly tokenPolicy?: TokenPolicyInput | undefined
  readonly token?: Partial<NewStaticToken> | undefined
}

/** An identity with a static token, and the engine it is known to. */
export interface BearerOfStaticToken extends TestEngine {
  readonly identity: Identity
  readonly token: MintedStaticToken
  /** The token's key in the words of the management surface. */
  readonly key: { readonly organization: string; readonly id: string }
  authenticate(from?: Source, staticToken?: string): Promise<IdentityPrincipal>
  /** Presents a token that must be refused, and answers the error. */
  denied(from?: Source, staticToken?: string, told?: Told): Promise<CountersignError>
  /** Exchanges the token for an access token; the identity is left out. */
  exchange(from?: Source, staticToken?: string): Promise<Grant>
  /** Makes one more token. */
  another(given?: Partial<NewStaticToken>): Promise<MintedStaticToken>
}

/** Makes an identity with token auth and a static token. */
export async function aBearer(given: BearerGiven = {}): Promise<BearerOfStaticToken> {
  const { engine = anEngine(), organization = 'acme', policy, tokenPolicy } = given
  const { host, countersign, canaries } = engine
  await host.organizations.ensure({ id: organization, name: organization })
  const authMethod = { method: 'token', policy, tokenPolicy } as const
  const { identity } = await host.identities.create({ organization, name: 'ci', authMethod })
  const another = async (wanted: Partial<NewStaticToken> = {}): Promise<MintedStaticToken> => {
    const owner = { organization, identity: identity.id }
    const made = await host.staticTokens.create({ ...owner, name: 'build', ...wanted })
    canaries.add(made.staticToken)
    return made
  }
  const token = await another(given.token)
  const authenticate = (from = HOME, text = token.staticToken): Promise<IdentityPrincipal> =>
    countersign.authenticate(text, from)
  return {
    ...engine,
    identity,
    token,
    key: { organization, id: token.id },
    authenticate,
    denied: (from = HOME, text = token.staticToken, told = 'recorded') =>
      refusalOf(engine, () => authenticate(from, text), told),
    async exchange(from = HOME, staticToken = token.staticToken) {
      const grant = await countersign.login({ method: 'token', credential: { staticToken } }, from)
      canaries.add(grant.accessToken)
      return grant
    },
    another,
  }
}
