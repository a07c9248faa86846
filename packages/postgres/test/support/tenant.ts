import type {
  AuthMethod,
  AuthTemplate,
  ClientSecret,
  Identity,
  Project,
  Role,
  RoleBinding,
  StaticToken,
  Storage,
} from '@countersign/core/plugin'
import { DEFAULT_LOCKOUT, DEFAULT_TOKEN_POLICY } from '@countersign/core/plugin'
import { anEvent, anIdentity, anOrganization, at } from './records.ts'

/** Everything that stands of one workload, and of what it holds. */
export interface Tenancy {
  readonly identity: Identity
  readonly authMethod: AuthMethod
  readonly template: AuthTemplate
  readonly secret: ClientSecret
  readonly token: StaticToken
  readonly project: Project
  readonly role: Role
  readonly binding: RoleBinding
  readonly session: string
}

/** What no other tenant may ever read. */
export const MARKER = 'TOPSECRET'

/** Makes the records of one workload of an organization; each of them bears the marker. */
export function aTenancy(organization: string, number: number): Tenancy {
  const name = `${MARKER} ${number}`
  const dated = { revision: 1, createdAt: at(0), updatedAt: at(0) }
  const createdBy = { kind: 'engine' } as const
  const project: Project = { organization, id: `prj${number}`, name, ...dated }
  const identity = anIdentity({
    id: `idn_${organization}_${number}`,
    organization,
    name,
    slug: `worker-${number}`,
    owner: name,
    metadata: { [MARKER]: name },
    project: project.id,
  })
  const owner = { organization, identity: identity.id }
  const authMethod: AuthMethod = {
    ...owner,
    ...dated,
    id: `amt_${organization}_${number}`,
    method: 'universal',
    policy: {},
    tokenPolicy: DEFAULT_TOKEN_POLICY,
    lockout: DEFAULT_LOCKOUT,
  }
  const usual = { ...owner, authMethod: authMethod.id, maxUses: 10, uses: 0, createdAt: at(0) }
  const role: Role = {
    ...dated,
    organization,
    id: `rol_${organization}_${number}`,
    slug: `role-${number}`,
    name,
    description: name,
    rules: [],
    createdBy,
  }
  return {
    identity,
    authMethod,
    template: {
      ...dated,
      organization,
      id: `atp_${organization}_${number}`,
      name,
      method: 'ldap',
      policy: { urls: [`ldaps://${MARKER}`] },
    },
    secret: { ...usual, id: `csc_${organization}_${number}`, description: name },
    token: { ...usual, id: `stk_${organization}_${number}`, name },
    project,
    role,
    binding: {
      organization,
      id: `bnd_${organization}_${number}`,
      subject: { kind: 'identity', id: identity.id },
      role: role.id,
      createdBy,
      createdAt: at(0),
    },
    session: `sid_${organization}_${number}`,
  }
}

/** Stores an organization with so many workloads, and what their logins leave behind. */
export async function storeTenant(storage: Storage, id: string, many: number): Promise<Tenancy[]> {
  await storage.organizations.insert(anOrganization({ id, name: `${MARKER} ${id}` }), [])
  const tenancies = Array.from({ length: many }, (_, number) => aTenancy(id, number))
  for (let from = 0; from < many; from += 50)
    await Promise.all(tenancies.slice(from, from + 50).map((one) => store(storage, one)))
  return tenancies
}

async function store(storage: Storage, tenancy: Tenancy): Promise<void> {
  const { identity, authMethod, template, secret, token, project, role, binding, session } = tenancy
  const { organization } = identity
  const event = anEvent({ organization, target: { kind: 'identity', id: identity.id } })
  await storage.projects.insert(project, [event])
  await storage.identities.insert(identity, [event])
  await storage.authMethods.insert(authMethod, [])
  await storage.authTemplates.insert(template, [])
  await storage.clientSecrets.insert(secret, { rootKey: 'key', value: secret.id }, [])
  await storage.staticTokens.insert(token, { rootKey: 'key', value: token.id }, [])
  await storage.roles.insert(role, [])
  await storage.roleBindings.insert(binding, [])
  const lockout = { organization, identity: identity.id, method: 'universal' } as const
  const events = { refused: [], locked: [] }
  await storage.logins.strike({ ...lockout, class: 'strangers' }, DEFAULT_LOCKOUT, at(0), events)
  const owner = { organization, identity: identity.id, authMethod: authMethod.id }
  const remember = { method: 'universal', source: '192.0.2.1', until: at(900) }
  const counted = { session, until: at(900) }
  await storage.logins.grant({ ...owner, generation: 1, charges: [], counted, remember }, at(1), [])
  await storage.tokens.revoke({ organization, id: `${session}_ended`, until: at(900) }, [])
}
