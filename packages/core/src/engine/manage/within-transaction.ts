import type { Principal } from '../../model/permission/principal.ts'
import type { Resources } from '../../model/resources.ts'
import type { MethodTable } from '../methods.ts'
import type { TypedHostManagement, TypedManagement } from './typed-management.ts'

/** Management inside a transaction of the host's. */
export interface WithinTransaction<
  Methods extends MethodTable,
  R extends Resources = Resources,
  Slug extends string = string,
> {
  /** The same as `as` of the engine. A boundary that is crossed throws; the host then rolls back. */
  as(principal: Principal): TypedManagement<Methods, R, Slug>
  asHost(label: string): Omit<TypedHostManagement<Methods, R, Slug>, 'signingKeys' | 'rootKeys'>
}
