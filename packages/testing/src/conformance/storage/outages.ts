import assert from 'node:assert/strict'
import type { Storage } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { at, createRecords } from './records.ts'
import { grantOf, lockoutKeyOf, loginQueryOf, markOf, standingQueryOf } from './seed.ts'

/** What the author of a storage with a distant authority hands over. */
export interface OutageSubject {
  /** Creates a storage whose authority does not answer. */
  createUnreachable(): Promise<Storage>
}

/** A storage that is its own authority, in this process, declares that these do not apply. */
export const outageCases: readonly Case<OutageSubject>[] = Object.entries(verbs()).map(
  ([verb, call]) => ({
    name: `${verb} MUST throw where it could not reach the authority`,
    async run(subject: OutageSubject) {
      const storage = await subject.createUnreachable()
      await assert.rejects(async () => call(storage))
    },
  }),
)

function verbs(): Readonly<Record<string, (storage: Storage) => unknown>> {
  const records = createRecords()
  const organization = 'acme'
  const identity = records.identity({ organization })
  const authMethod = records.authMethod({ organization, identity: identity.id })
  const workload = { organization, identity, authMethod }
  const login = standingQueryOf(workload, 'sid_1')
  const policy = { threshold: 3, window: 30, duration: 300, scope: 'source' } as const
  const events = { refused: [], locked: [] }
  return {
    'organizations.insert': (storage) => storage.organizations.insert(records.organization(), []),
    'identities.find': (storage) => storage.identities.find(organization, identity.id),
    'roles.insert': (storage) => storage.roles.insert(records.role({ organization }), []),
    'roleBindings.heldBy': (storage) =>
      storage.roleBindings.heldBy(organization, [{ kind: 'user', id: 'u_1' }]),
    'clientSecrets.find': (storage) => storage.clientSecrets.find(organization, 'csc_1'),
    'staticTokens.findByDigest': (storage) => storage.staticTokens.findByDigest([], at(0)),
    'logins.find': (storage) => storage.logins.find(loginQueryOf(workload), at(0)),
    'logins.grant': (storage) => storage.logins.grant(grantOf(workload), at(0), []),
    'logins.strike': (storage) =>
      storage.logins.strike(lockoutKeyOf(workload), policy, at(0), events),
    'tokens.find': (storage) => storage.tokens.find(login, at(0)),
    'tokens.spend': (storage) => storage.tokens.spend(login, 1, []),
    'tokens.markSeen': (storage) => storage.tokens.markSeen({ key: 'x', until: at(60) }, at(0)),
    'tokens.revoke': (storage) => storage.tokens.revoke(markOf(workload, 'sid_1'), []),
    'lockouts.active': (storage) => storage.lockouts.active({ organization }, at(0)),
    'keys.list': (storage) => storage.keys.list(),
    'outbox.append': (storage) => storage.outbox.append([records.event()]),
    'trail.open': (storage) => storage.trail.open(1),
    'trail.read': (storage) => storage.trail.read(0, 1),
    'trail.chain': (storage) => storage.trail.chain(organization),
    'sinkPlaces.placeOf': (storage) => storage.sinkPlaces.placeOf('siem'),
    transaction: (storage) => storage.transaction(async () => 'never'),
    now: (storage) => storage.now(),
    sweep: (storage) => storage.sweep(at(0), 1),
    ready: (storage) => storage.ready(),
  }
}
