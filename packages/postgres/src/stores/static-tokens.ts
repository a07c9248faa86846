import type {
  AuthMethod,
  Digest,
  StaticToken,
  StaticTokenRefusal,
  StaticTokenStanding,
  StaticTokenStore,
} from '@countersign/core/plugin'
import type { CredentialAnswer } from '../credential.ts'
import { toCredential } from '../credential.ts'
import type { Db } from '../db.ts'
import { readOne } from '../db.ts'
import type { BoundAnswer, IdentityAnswer, Json } from '../records.ts'
import { fromEvents, toAuthMethod, toBound, toIdentity } from '../records.ts'
import * as statements from '../statements/static-tokens.ts'
import { createCredentialStore, readCredential } from './credentials.ts'

const toToken = (answer: CredentialAnswer): StaticToken => toCredential<StaticToken>(answer)

/** Creates the store of static tokens. */
export function createStaticTokens(db: Db): StaticTokenStore {
  return {
    ...createCredentialStore<StaticToken>(db, 'token', ({ name }) => name),
    findByDigest: (digests) => findByDigest(db, digests),
    async use({ organization, id, redigest }, now, events) {
      const [refusal] = await db.ask(statements.useStaticToken, [
        id,
        organization,
        now.getTime(),
        redigest?.value,
        redigest?.rootKey,
        fromEvents(events),
      ])
      return refusal as StaticTokenRefusal | undefined
    },
    async rename({ organization, id }, name, events) {
      const values = [id, organization, name, fromEvents(events)]
      return readCredential(toToken, await readOne(db, statements.renameStaticToken, values))
    },
    async revokeAll({ organization, identity }, revocation, events) {
      const ended = await db.ask(statements.revokeStaticTokens, [
        identity,
        organization,
        revocation.at.getTime(),
        JSON.stringify(revocation),
        fromEvents(events),
      ])
      return ended.length
    },
  }
}

interface StandingAnswer {
  readonly token: CredentialAnswer
  readonly identity: IdentityAnswer
  readonly authMethod: Json<AuthMethod>
  readonly bound: readonly BoundAnswer[]
}

async function findByDigest(
  db: Db,
  digests: readonly Digest[],
): Promise<StaticTokenStanding | undefined> {
  const values = [digests.map(({ value }) => value)]
  const answer = await readOne<StandingAnswer>(db, statements.findStaticToken, values)
  if (answer === undefined) return undefined
  return {
    token: toToken(answer.token),
    identity: toIdentity(answer.identity),
    authMethod: toAuthMethod(answer.authMethod),
    bound: toBound(answer.bound),
    storedUnder: answer.token.rootKey,
  }
}
