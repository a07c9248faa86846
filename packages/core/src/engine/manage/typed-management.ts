import type {
  AuthMethodChange,
  AuthMethodKey,
  AuthMethodSettings,
} from '../../input/auth-method.ts'
import type { EnsuredIdentity, NewIdentity } from '../../input/identity.ts'
import type { RehearsalInput } from '../../input/rehearsal.ts'
import type { NewRole, RoleChange, RolePreview } from '../../input/role.ts'
import type { ProjectAddition, SubjectInput, WindowInput } from '../../input/role-binding.ts'
import type { AuthTemplateId } from '../../model/auth-template.ts'
import type { Identity } from '../../model/identity.ts'
import type { Resources } from '../../model/resources.ts'
import type { Role, RoleId } from '../../model/role.ts'
import type { BuiltInRole, RoleBinding } from '../../model/role-binding.ts'
import type { Rule } from '../../model/rule.ts'
import type { MethodName, MethodTable } from '../methods.ts'
import type { AuthMethods } from './auth-methods.ts'
import type { Identities, RestrictedIdentity } from './identities.ts'
import type { HostManagement, Management } from './management.ts'
import type { Projects } from './projects.ts'
import type { RestrictedRoleBinding, RoleBindings } from './role-bindings.ts'
import type { RestrictedRole, Roles } from './roles.ts'

type SettingsOf<Methods extends MethodTable, M extends MethodName<Methods>> = Omit<
  AuthMethodSettings,
  'policy' | 'template'
> & {
  readonly policy?: Methods[M]['policy'] | undefined
  readonly template?: 'none' | undefined
}

/** A method whose policy stands in a template, but for the rest. */
type TemplatedMethodOf<Methods extends MethodTable> = {
  [M in MethodName<Methods>]: Omit<AuthMethodSettings, 'policy' | 'template'> & {
    readonly method: M
    readonly policy?: Partial<Methods[M]['policy']> | undefined
    readonly template: AuthTemplateId
  }
}[MethodName<Methods>]

type NamedMethodOf<Methods extends MethodTable> = {
  [M in MethodName<Methods>]: SettingsOf<Methods, M> & { readonly method: M }
}[MethodName<Methods>]

type CredentialOf<Methods extends MethodTable> = {
  [M in MethodName<Methods>]: {
    readonly method: M
    readonly credential: Methods[M]['credential']
  }
}[MethodName<Methods>]

type KeyOf<Methods extends MethodTable> = AuthMethodKey<MethodName<Methods>>

type WithMethod<Wanted, Methods extends MethodTable, Slug extends string> = Omit<
  Wanted,
  'authMethod' | 'role'
> & {
  readonly authMethod?: NamedMethodOf<Methods> | undefined
  readonly role?: RoleName<Slug> | undefined
}

/** Management in the words of one engine: another method, permission, attribute or role does not compile. */
export interface TypedManagement<
  Methods extends MethodTable,
  R extends Resources = Resources,
  Slug extends string = string,
  Hidden = true,
> extends Omit<Management, 'identities' | 'authMethods' | 'projects' | 'roles' | 'roleBindings'> {
  readonly identities: Identities<
    WithMethod<NewIdentity, Methods, Slug>,
    WithMethod<EnsuredIdentity, Methods, Slug>,
    Identity | Unless<Hidden, RestrictedIdentity>
  >
  readonly authMethods: AuthMethods<
    Omit<AuthMethodKey, 'method'> & (NamedMethodOf<Methods> | TemplatedMethodOf<Methods>),
    Omit<AuthMethodKey, 'method'> &
      (NamedMethodOf<Methods> | TemplatedMethodOf<Methods>) &
      Pick<AuthMethodChange, 'revision'>,
    KeyOf<Methods>,
    Omit<AuthMethodKey, 'method'> & Pick<RehearsalInput, 'source'> & CredentialOf<Methods>
  >
  readonly projects: Projects<
    Omit<ProjectAddition, 'roles'> & {
      readonly roles?: readonly RoleName<Slug>[] | undefined
    }
  >
  readonly roles: Roles<
    Role | Unless<Hidden, RestrictedRole>,
    WithRules<NewRole, R>,
    Omit<RoleChange, 'rules'> & { readonly rules?: readonly Rule<R>[] | undefined },
    WithRules<RolePreview, R>
  >
  readonly roleBindings: RoleBindings<
    RoleBinding | Unless<Hidden, RestrictedRoleBinding>,
    NewTypedBinding<R, Slug>
  >
}

/** The host's own management in the words of one engine: nothing is hidden from it. */
export type TypedHostManagement<
  Methods extends MethodTable,
  R extends Resources = Resources,
  Slug extends string = string,
> = TypedManagement<Methods, R, Slug, false> &
  Omit<HostManagement, Exclude<keyof Management, 'events'>>

/** A role by its slug in code, or by the id of a stored one. */
export type RoleName<Slug extends string> = BuiltInRole | Slug | RoleId

/** A role, or rules, in the words of one engine. */
export type TypedBound<R extends Resources, Name extends string> =
  | { readonly role: Name; readonly rules?: undefined }
  | { readonly rules: readonly Rule<R>[]; readonly role?: undefined }

type NewTypedBinding<R extends Resources, Slug extends string> = TypedBound<R, RoleName<Slug>> &
  WindowInput & {
    readonly organization: string
    readonly project?: string | undefined
    readonly subject: SubjectInput
  }

type WithRules<Wanted, R extends Resources> = Omit<Wanted, 'rules'> & {
  readonly rules: readonly Rule<R>[]
}

type Unless<Hidden, Restricted> = Hidden extends true ? Restricted : never
