import assert from 'node:assert/strict'
import type { CredentialStore, Digest, StoredCredential, Stores } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import type { Given, Records } from './records.ts'
import type { Workload } from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** What every credential belongs to. */
export type Owner = Pick<StoredCredential, 'organization' | 'identity' | 'authMethod'>

/** What the cases that both kinds of credential share must know about one of them. */
export interface CredentialKind {
  readonly name: 'clientSecrets' | 'staticTokens'
  storeOf(stores: Stores): CredentialStore<StoredCredential>
  make(records: Records, given: Given<StoredCredential, keyof Owner>): StoredCredential
  newId(records: Records): StoredCredential['id']
}

export const secretKind: CredentialKind = {
  name: 'clientSecrets',
  storeOf: (stores) => stores.clientSecrets,
  make: (records, given) => records.secret({ ...given, id: records.id('csc') }),
  newId: (records) => records.id('csc'),
}

export const staticTokenKind: CredentialKind = {
  name: 'staticTokens',
  storeOf: (stores) => stores.staticTokens,
  make: (records, given) => records.staticToken({ ...given, id: records.id('stk') }),
  newId: (records) => records.id('stk'),
}

/** A rule of the stores of credentials, for both kinds. */
export interface CredentialCase {
  readonly words: string
  run(world: World, kind: CredentialKind): Promise<void>
}

/** Turns rules into cases about one kind of credential. */
export function credentialCasesOf(
  kind: CredentialKind,
  shared: readonly CredentialCase[],
): readonly Case<StorageSubject>[] {
  return shared.map(({ words, run }) =>
    storageCase(`${kind.name}${words}`, (world) => run(world, kind)),
  )
}

/** A credential that is stored, and what it is found by. */
export interface SeededCredential {
  readonly credential: StoredCredential
  readonly digest: Digest
}

/** Stores a credential of a workload. */
export async function seedCredential(
  { storage, records }: World,
  kind: CredentialKind,
  workload: Workload,
  given: Partial<StoredCredential> = {},
): Promise<SeededCredential> {
  const credential = kind.make(records, { ...given, ...ownerOf(workload) })
  const digest = { rootKey: 'newest', value: `digest of ${credential.id}` }
  assert.equal(await kind.storeOf(storage).insert(credential, digest, []), true)
  return { credential, digest }
}

/** What a workload's credentials belong to. */
export function ownerOf({ organization, identity, authMethod }: Workload): Owner {
  return { organization, identity: identity.id, authMethod: authMethod.id }
}
