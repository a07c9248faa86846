import type { AuthMethod, Stores } from '../plugin.ts'
import { removeAuthMethod } from './cascade.ts'
import { identityIn } from './identities.ts'
import { keyOf } from './key.ts'
import { createRecordStore, nextRevision } from './record-store.ts'
import { isWanted, select } from './select.ts'
import { groups } from './shapes.ts'
import { oneOf } from './table.ts'
import type { Tables } from './tables.ts'

/** Creates the store of auth methods. */
export function createAuthMethods(tables: Tables): Stores['authMethods'] {
  const { authMethods } = tables
  return createRecordStore(
    {
      table: authMethods,
      find: (organization, identity, method) =>
        authMethods.get(keyOf(organization, identity, method)),
      admits: (row) => admits(tables, row),
      revise: nextRevision,
      remove: (row) => removeAuthMethod(tables, row),
      select: ({ organization, identity, template }) =>
        select(
          authMethods.in(
            identity === undefined ? groups.organization(organization) : groups.identity(identity),
          ),
          (row) => row.organization === organization && isWanted(template, row.template),
        ),
      nameOf: ({ method }) => method,
    },
    tables,
  )
}

/** Finds an auth method by its id, where it is one of this identity. */
export function authMethodOf(
  { authMethods }: Tables,
  { organization, id }: { readonly organization: string; readonly id: string },
  authMethod: string,
): AuthMethod | undefined {
  const row = oneOf(authMethods.in(groups.authMethod(authMethod)))
  return row?.organization === organization && row.identity === id ? row : undefined
}

function admits(
  tables: Tables,
  { id, organization, identity, method, template }: AuthMethod,
): boolean {
  if (identityIn(tables, organization, identity) === undefined) return false
  if (
    template !== undefined &&
    tables.authTemplates.get(keyOf(organization, template))?.method !== method
  )
    return false
  const owner = oneOf(tables.authMethods.in(groups.authMethod(id)))
  return owner === undefined || (owner.identity === identity && owner.method === method)
}
