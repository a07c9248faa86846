import type {
  AuthMethod,
  AuthTemplate,
  ClientSecret,
  Event,
  Identity,
  Organization,
  Project,
  Role,
  RoleBinding,
  Rule,
  Seconds,
  StaticToken,
} from '@countersign/core/plugin'
import { DEFAULT_LOCKOUT, DEFAULT_TOKEN_POLICY, later } from '@countersign/core/plugin'

/** The instant so many seconds after the beginning of every case. */
export function at(seconds: Seconds): Date {
  return later(new Date('2026-03-01T12:00:00.000Z'), seconds)
}

/** Makes records that nobody has stored yet; each id is new. */
export interface Records {
  id<K extends string>(kind: K): `${K}_${string}`
  event(type?: Event['type']): Event
  organization(given?: Partial<Organization>): Organization
  project(given: Given<Project, 'organization'>): Project
  identity(given: Given<Identity, 'organization'>): Identity
  authMethod(given: Given<AuthMethod, 'organization' | 'identity'>): AuthMethod
  authTemplate(given: Given<AuthTemplate, 'organization'>): AuthTemplate
  role(given: Given<Role, 'organization'>): Role
  binding(given: Given<RoleBinding, 'organization' | 'subject'>): RoleBinding
  secret(given: Given<ClientSecret, Owner>): ClientSecret
  staticToken(given: Given<StaticToken, Owner>): StaticToken
}

type Owner = 'organization' | 'identity' | 'authMethod'

/** Some members, and the rest as usual. */
export type Given<Row, Needed extends keyof Row> = Pick<Row, Needed> & Partial<Row>

/** Creates the records of one case. */
export function createRecords(): Records {
  let count = 0
  const id = <K extends string>(kind: K): `${K}_${string}` => {
    count += 1
    return `${kind}_${String(count).padStart(26, '0')}`
  }

  return {
    id,
    event: (type = 'identity.updated') =>
      structuredClone({ v: 1, id: id('evt'), type, ...anEvent }),
    organization: (given = {}) => make({ id: id('org'), name: 'Acme' }, given),
    project: (given) => make({ id: id('prj'), name: 'Rockets' }, given),
    identity: (given) => make({ id: id('idn'), ...anIdentity }, given),
    authMethod: (given) => make({ id: id('amt'), ...anAuthMethod }, given),
    authTemplate: (given) => make({ id: id('atp'), ...anAuthTemplate }, given),
    role: (given) => {
      const role = id('rol')
      return make({ id: role, slug: role.replace('_', '-'), ...aRole }, given)
    },
    binding: (given) => {
      const usual = given.rules === undefined ? { role: 'viewer' } : {}
      return structuredClone({ id: id('bnd'), ...usual, ...aBinding, ...given })
    },
    secret: (given) => structuredClone({ id: id('csc'), ...aSecret, ...given }),
    staticToken: (given) => structuredClone({ id: id('stk'), ...aStaticToken, ...given }),
  }
}

/** A first revision that shares no member with any other record: cases change what they were handed. */
function make<Usual extends object, Row>(usual: Usual, given: Row): Usual & Dated & Row {
  return structuredClone({ ...usual, revision: 1, createdAt: at(0), updatedAt: at(0), ...given })
}

interface Dated {
  readonly revision: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

const HOST = { kind: 'host', label: 'conformance' } as const

const anEvent = {
  at: at(0),
  actor: HOST,
  target: { kind: 'identity', id: 'idn_any' },
} as const

/** Every form that a rule may have. */
export const RULES: readonly Rule[] = [
  {
    allow: ['deployment:create', 'secret:*'],
    where: {
      environment: { in: ['staging', { ref: 'identity.metadata.team' }], not: 'prod \u00e9' },
      path: { glob: '/apps/**', ref: 'identity.claims.path' },
      region: 'eu',
    },
  },
  { deny: ['*'] },
]

const anAuthTemplate = {
  name: 'Directory',
  method: 'ldap',
  policy: { urls: ['ldaps://directory.example.com'] },
} as const

const aRole = {
  name: 'Deployer',
  description: 'for the case',
  rules: RULES,
  createdBy: HOST,
} as const

const aBinding = { createdBy: HOST, createdAt: at(0) } as const

const aStaticToken = { name: 'build', uses: 0, createdAt: at(0) } as const

const aSecret = { description: 'for the case', uses: 0, createdAt: at(0) } as const

const anIdentity = {
  name: 'worker',
  metadata: { team: 'blue' },
  disabled: false,
  deleteProtection: false,
  createdBy: HOST,
  generation: 1,
} as const

const anAuthMethod = {
  method: 'universal',
  policy: { claims: { sub: ['a', 'b'] } },
  tokenPolicy: DEFAULT_TOKEN_POLICY,
  lockout: DEFAULT_LOCKOUT,
} as const
