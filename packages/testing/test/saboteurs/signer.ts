import { generateKeyPairSync, sign } from 'node:crypto'
import type { JsonWebKey, Signer } from '@countersign/core/plugin'
import type { SignerSubject } from '@countersign/testing/conformance'
import type { Saboteur } from './saboteur.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

const publicKeyOf = ({ publicKey }: typeof ec): JsonWebKey => ({
  ...publicKey.export({ format: 'jwk' }),
})

const es256: Signer = {
  algorithm: 'ES256',
  kid: 'ec',
  publicKey: publicKeyOf(ec),
  sign: (data) => sign('sha256', data, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }),
}

/** One honest signer for each algorithm that has a public key. */
export const honestSigners: readonly Signer[] = [
  es256,
  {
    algorithm: 'EdDSA',
    kid: 'ed',
    publicKey: publicKeyOf(ed),
    sign: (data) => sign(null, data, ed.privateKey),
  },
  {
    algorithm: 'RS256',
    kid: 'rsa',
    publicKey: publicKeyOf(rsa),
    sign: async (data) => sign('sha256', data, rsa.privateKey),
  },
]

const always = (signer: Signer): SignerSubject => ({ createSigner: () => signer })

let created = 0

export const signerSaboteurs: readonly Saboteur<SignerSubject>[] = [
  {
    bug: 'answers DER',
    caughtBy: 'sign MUST answer the raw form of RFC 7518, every time',
    subject: always({ ...es256, sign: (data) => sign('sha256', data, ec.privateKey) }),
  },
  {
    bug: 'signs the data from behind',
    caughtBy:
      'sign MUST answer the JWS signature of `data` by `algorithm`, and publicKey MUST verify it',
    subject: always({ ...es256, sign: (data) => es256.sign(data.toReversed()) }),
  },
  {
    bug: 'shows another public key',
    caughtBy:
      'sign MUST answer the JWS signature of `data` by `algorithm`, and publicKey MUST verify it',
    subject: always({
      ...es256,
      publicKey: publicKeyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
    }),
  },
  {
    bug: 'shows its private key',
    caughtBy: 'publicKey MUST NOT hold a private member',
    subject: always({ ...es256, publicKey: { ...ec.privateKey.export({ format: 'jwk' }) } }),
  },
  {
    bug: 'has another kid each time',
    caughtBy: 'kid MUST stay the same for the same key',
    subject: {
      createSigner() {
        created += 1
        return { ...es256, kid: `ec ${created}` }
      },
    },
  },
  {
    bug: 'answers the last caller to all',
    caughtBy: 'sign MUST answer each caller its own signature, however many ask at once',
    subject: {
      createSigner() {
        let asked = new Uint8Array()
        return {
          ...es256,
          async sign(data) {
            asked = Uint8Array.from(data)
            await Promise.resolve()
            return es256.sign(asked)
          },
        }
      },
    },
  },
]
