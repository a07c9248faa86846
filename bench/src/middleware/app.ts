import type { KeyObject } from 'node:crypto'
import type { RequestListener, Server } from 'node:http'
import type { Countersign, JsonWebKeySet } from '@countersign/core'

/** What stands before the route of an app: nothing that does anything, our guard, or what people use there. */
export type Kind = 'no-op' | 'countersign' | 'usual'

/** What an app is made of. */
export interface Means {
  readonly countersign: Countersign
  /** The public key of the tokens, made once. */
  readonly key: KeyObject
  readonly keys: JsonWebKeySet
  /** Where the public keys are served. */
  readonly jwksUri: string
  readonly issuer: string
}

/** Makes an app of one framework. */
export type MakeApp = (kind: Kind, means: Means) => Promise<Server | RequestListener>

/** What every route answers. */
export const ANSWER = 'ok'
