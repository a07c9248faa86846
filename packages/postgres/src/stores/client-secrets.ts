import type { ClientSecret, SecretStore } from '@countersign/core/plugin'
import type { CredentialAnswer } from '../credential.ts'
import { toCredential, valuesOf } from '../credential.ts'
import type { Db } from '../db.ts'
import { does, readAll } from '../db.ts'
import { fromEvents } from '../records.ts'
import * as statements from '../statements/client-secrets.ts'
import { createCredentialStore } from './credentials.ts'

/** Creates the store of client secrets. */
export function createClientSecrets(db: Db): SecretStore {
  return {
    ...createCredentialStore<ClientSecret>(db, 'secret', ({ description }) => description),
    rotate: ({ organization, id, successor, digest, endsAt }, events) =>
      does(db, statements.rotateSecret, [
        ...valuesOf(successor),
        digest.value,
        digest.rootKey,
        fromEvents(events),
        id,
        organization,
        endsAt.getTime(),
      ]),
    async endedOverlaps(now, limit) {
      const values = [now.getTime(), limit]
      const answers = await readAll<CredentialAnswer>(db, statements.findEndedOverlaps, values)
      return answers.map((answer) => toCredential<ClientSecret>(answer))
    },
    noteEnd: ({ organization, id }, events) =>
      does(db, statements.noteSecretEnd, [id, organization, fromEvents(events)]),
  }
}
