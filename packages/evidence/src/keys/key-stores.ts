import { toCanonicalJson } from '@countersign/core/plugin'
import type { Outbound } from '../outbound/outbound.ts'
import type { KeySet, KeyWanted } from './key-set.ts'
import { pickKey, readKeySet } from './key-set.ts'
import type { KeyPlace } from './remote-document.ts'
import type { FindKey } from './remote-keys.ts'
import { createRemoteKeys } from './remote-keys.ts'
import type { InlineKeySet, StaticKey } from './static-keys.ts'
import { toKeySet } from './static-keys.ts'

/** Where the keys of a policy come from. */
export type KeySource =
  | ({ readonly from: 'issuer' } & KeyPlace)
  | { readonly from: 'inline'; readonly jwks: InlineKeySet; readonly uses?: readonly string[] }
  | { readonly from: 'policy'; readonly keys: readonly StaticKey[] }

/** The key stores of one verifier: one for each source, never one for two issuers. */
export type KeyStores = (source: KeySource) => FindKey

/** The most sources that are remembered; the one that was used longest ago is forgotten first. */
const MOST_SOURCES = 1000

/** Creates the key stores of one verifier. */
export function createKeyStores(outbound: Outbound): KeyStores {
  const stores = new Map<string, FindKey>()

  return (source) => {
    const name = toCanonicalJson(source)
    const known = stores.get(name)
    const store = known ?? createStore(outbound, source)
    stores.delete(name)
    const [oldest] = stores.keys()
    if (stores.size >= MOST_SOURCES && oldest !== undefined) stores.delete(oldest)
    stores.set(name, store)
    return store
  }
}

function createStore(outbound: Outbound, source: KeySource): FindKey {
  if (source.from === 'issuer') return createRemoteKeys(outbound, source)
  const isInline = source.from === 'inline'
  const set = isInline ? (readKeySet(source.jwks, source.uses) ?? []) : toKeySet(source.keys)
  return async (wanted, { now }) => {
    const found = isInline ? pickKey(set, wanted, now) : pickStaticKey(set, wanted, now)
    return typeof found === 'string' ? found : { key: found }
  }
}

/** A key that a policy names by nothing answers to every name that no other of its keys has: PEM holds none. */
function pickStaticKey(set: KeySet, wanted: KeyWanted, now: Date): ReturnType<typeof pickKey> {
  const unnamed = set.filter(({ kid }) => kid === undefined)
  if (unnamed.length === 0 || set.some(({ kid }) => kid === wanted.kid))
    return pickKey(set, wanted, now)
  return pickKey(unnamed, { ...wanted, kid: undefined }, now)
}
