import type { MaybePromise } from '../lib/after.ts'
import { after } from '../lib/after.ts'
import { hasSecretForm } from '../lib/secret.ts'
import type { TokenReason } from '../model/rejection.ts'
import { Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import { refuseStaticToken } from '../model/static-token.ts'
import type { StaticTokenStanding } from '../ports/static-token-store.ts'
import { digestsOf } from './attempt.ts'
import type { Parts } from './parts.ts'

/** A static token that was found, and may have to be found by another digest from now on. */
export interface FoundStaticToken extends StaticTokenStanding {
  readonly redigest?: { readonly rootKey: string; readonly value: string }
}

/** A refusal, and the token where it was found: it is provably ours then. */
export interface RefusedStaticToken {
  readonly rejection: Rejection<TokenReason>
  readonly found?: FoundStaticToken
}

/** Static tokens as bearers: how they are known, and what they are worth. */
export interface StaticTokenJudge {
  /** Tells by form and checksum alone whether a text is a static token of ours. */
  recognizes(token: string): boolean
  /** Judges one as it is presented at `now`; its address is compared where a source is given. */
  judge(
    token: string,
    now: Date,
    source?: Source,
  ): MaybePromise<FoundStaticToken | RefusedStaticToken>
}

/** Creates the judgement that authenticate, introspect and revoke share: one read, and nothing is spent. */
export function createStaticTokenJudge({
  storage,
  rootKeys,
  staticTokenForm,
  admits,
}: Pick<Parts, 'storage' | 'rootKeys' | 'staticTokenForm' | 'admits'>): StaticTokenJudge {
  function find(token: string, now: Date): MaybePromise<FoundStaticToken | undefined> {
    const digests = digestsOf(rootKeys, token)
    return after(storage.staticTokens.findByDigest(digests, now), (standing) => {
      const [newest] = digests
      if (standing === undefined || standing.storedUnder === newest.rootKey) return standing
      return { ...standing, redigest: newest }
    })
  }

  function refuse(
    { token, identity, authMethod }: FoundStaticToken,
    now: Date,
    source: Source | undefined,
  ): TokenReason | undefined {
    if (identity.disabled) return 'identity_disabled'
    const ended = refuseStaticToken(token, now)
    if (ended !== undefined) return ended
    const lists = [authMethod.tokenPolicy.trustedSources.token, token.trustedSources]
    const isAdmitted = (list: readonly string[] | undefined): boolean =>
      list === undefined || source === undefined || admits(list, source)
    return lists.every(isAdmitted) ? undefined : 'ip_not_allowed'
  }

  return {
    recognizes: (token) => hasSecretForm(token, staticTokenForm),
    judge: (token, now, source) =>
      after(find(token, now), (found) => {
        if (found === undefined) return { rejection: new Rejection('unknown_token') }
        const refusal = refuse(found, now, source)
        return refusal === undefined ? found : { rejection: new Rejection(refusal), found }
      }),
  }
}
