import type { ClientRuntime } from './runtime.ts'

/** What a proof is made for (RFC 9449 section 4.2). */
export interface ProofRequest {
  readonly method: string
  readonly url: string
  /** The access token that it is shown beside; none beside a login. */
  readonly token?: string | undefined
}

/** Proves a key that never leaves the process. */
export interface Prover {
  /** Makes a proof, which counts once. */
  readonly prove: (request: ProofRequest) => Promise<string>
  /**
   * Takes from an answer what the next proof must say: a nonce of that origin, the time that it shows. Tells whether what was
   * refused is worth another proof.
   */
  readonly learn: (url: string, response: Response) => boolean
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** Proofs are good for a minute at the most: whoever is further off says another time. In milliseconds. */
const CLOCKS_APART = 15_000

/** Creates a prover, whose key is made when it is first wanted and cannot be read out (ES256). */
export function createProver({ wallClock }: Pick<ClientRuntime, 'wallClock'>): Prover {
  const nonces = new Map<string, string>()
  let making: ReturnType<typeof makeKey> | undefined
  /** How far the host's clock is ahead. */
  let ahead = 0

  return {
    async prove({ method, url, token }) {
      making ??= makeKey()
      const { key, jwk } = await making
      const { origin, pathname } = new URL(url)
      const nonce = nonces.get(origin)
      const claims = {
        jti: crypto.randomUUID(),
        htm: method,
        htu: origin + pathname,
        iat: Math.floor((wallClock().getTime() + ahead) / 1000),
        ...(token !== undefined && { ath: encode(await digest(token)) }),
        ...(nonce !== undefined && { nonce }),
      }
      const header = { typ: 'dpop+jwt', alg: 'ES256', jwk }
      const signed = `${encodeObject(header)}.${encodeObject(claims)}`
      const signature = await crypto.subtle.sign(ECDSA, key, new TextEncoder().encode(signed))
      return `${signed}.${encode(new Uint8Array(signature))}`
    },
    learn(url, { status, headers }) {
      const { origin } = new URL(url)
      const nonce = headers.get('dpop-nonce')
      const isNew = nonce !== null && nonce !== nonces.get(origin)
      if (isNew) nonces.set(origin, nonce)
      const refused = status === 400 || status === 401
      const shown = refused ? Date.parse(headers.get('date') ?? '') : Number.NaN
      const apart = shown - wallClock().getTime()
      const isOff = Math.abs(apart - ahead) > CLOCKS_APART
      if (isOff) ahead = apart
      return refused && (isNew || isOff)
    },
  }
}

async function makeKey(): Promise<{
  readonly key: Parameters<typeof crypto.subtle.sign>[1]
  readonly jwk: object
}> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ECDSA, false, ['sign'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
  return { key: privateKey, jwk: { kty, crv, x, y } }
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

const encodeObject = (value: object): string =>
  encode(new TextEncoder().encode(JSON.stringify(value)))

function encode(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes))
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
