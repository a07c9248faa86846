import { randomUUID } from 'node:crypto'
import { systemClock, toEpochSeconds } from '@countersign/core/plugin'
import type { FakeCertificate } from './certificates.ts'
import type { FakeAnswer, FakeServer } from './server.ts'
import { answerWith, startServer } from './server.ts'
import type { FakeKey } from './signing.ts'
import { fakeKey, signJwt } from './signing.ts'

/** What differs from the usual fake issuer. */
export interface FakeIssuerGiven {
  /** What its tokens say the time is; the process's own clock by default. */
  readonly now?: (() => Date) | undefined
  readonly key?: FakeKey | undefined
  readonly certificate?: FakeCertificate | undefined
  readonly port?: number | undefined
}

/** An issuer of OpenID Connect tokens on loopback, which signs whatever a test wants. */
export interface FakeIssuer extends FakeServer {
  readonly jwksUrl: string
  /** The key that it signs with now. */
  readonly key: () => FakeKey
  /** Signs a token: `iss`, `iat`, `exp` (five minutes) and `jti` are there unless the claims say otherwise. */
  readonly sign: (claims?: Readonly<Record<string, unknown>>, header?: object) => string
  /** Signs with a new key from now on; the one before stays published unless `drop`. */
  readonly rotate: (key?: FakeKey, how?: { readonly drop?: boolean }) => void
  /** Publishes these keys beside its own. */
  readonly publish: (...jwks: readonly object[]) => void
  /** Answers this to one path, or to all, until it answers nothing else again. */
  readonly answer: (path: string, answer: FakeAnswer | 'hang' | undefined) => void
}

const DISCOVERY = '/.well-known/openid-configuration'
const KEYS = '/jwks'

/** Starts an issuer. */
export async function fakeIssuer(given: FakeIssuerGiven = {}): Promise<FakeIssuer> {
  const { now = systemClock, key: first = fakeKey(), certificate, port } = given
  let key = first
  let published: readonly object[] = [first.jwk]
  const instead = new Map<string, FakeAnswer | 'hang'>()

  const documents: Readonly<Record<string, () => object>> = {
    [DISCOVERY]: () => ({ issuer: server.url, jwks_uri: `${server.url}${KEYS}` }),
    [KEYS]: () => ({ keys: published }),
  }
  const server: FakeServer = await startServer(
    ({ url = '' }, response) => {
      const planned = instead.get(url) ?? instead.get('*')
      if (planned === 'hang') return
      const document = documents[url]
      const usual =
        document === undefined ? NOT_FOUND : { status: 200, body: JSON.stringify(document()) }
      answerWith(response, planned ?? usual)
    },
    { certificate, port },
  )
  return Object.freeze({
    ...server,
    jwksUrl: `${server.url}${KEYS}`,
    key: () => key,
    sign: (claims = {}, header = {}) => {
      const iat = toEpochSeconds(now())
      const usual = { iss: server.url, iat, exp: iat + 300, jti: randomUUID() }
      const { kid, algorithm: alg } = key
      return signJwt(key, { alg, kid, typ: 'JWT', ...header }, { ...usual, ...claims })
    },
    rotate(next = fakeKey(), { drop = false } = {}) {
      key = next
      published = drop ? [next.jwk] : [...published, next.jwk]
    },
    publish(...jwks) {
      published = [...published, ...jwks]
    },
    answer(path, answer) {
      if (answer === undefined) instead.delete(path)
      else instead.set(path, answer)
    },
  } satisfies FakeIssuer)
}

const NOT_FOUND: FakeAnswer = { status: 404, body: '{}' }
