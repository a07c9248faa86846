import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import type { JsonWebKey, Signer } from '@countersign/core/plugin'
import { toUtf8 } from '@countersign/core/plugin'
import type { Case } from './case.ts'
import { race } from './gate.ts'

/** What the author of a signer hands over. */
export interface SignerSubject {
  /** Creates a signer with the same key each time. */
  createSigner(): Signer | Promise<Signer>
}

/** Every rule of the contract of signers. */
export const signerCases: readonly Case<SignerSubject>[] = [
  {
    name: 'sign MUST answer the JWS signature of `data` by `algorithm`, and publicKey MUST verify it',
    async run({ createSigner }) {
      const signer = await createSigner()
      for (const length of [0, 1, 63, 64, 65, 4096]) {
        const data = Uint8Array.from({ length }, (_, index) => index)
        assert.ok(isSignature(signer, data, await signer.sign(data)), `${length} bytes`)
      }
    },
  },
  {
    name: 'sign MUST answer a signature that holds for no other data',
    async run({ createSigner }) {
      const signer = await createSigner()
      const signature = await signer.sign(toUtf8('header.claims'))
      assert.equal(isSignature(signer, toUtf8('header.claimS'), signature), false)
    },
  },
  {
    name: 'sign MUST answer the raw form of RFC 7518, every time',
    async run({ createSigner }) {
      const signer = await createSigner()
      // A number that begins with zeros is shorter in other forms: one signature in 128.
      for (let count = 0; count < 300; count += 1) {
        const data = toUtf8(`attempt ${count}`)
        const signature = await signer.sign(data)
        assert.equal(signature.length, lengthOf(signer))
        assert.ok(isSignature(signer, data, signature))
      }
    },
  },
  {
    name: 'sign MUST answer each caller its own signature, however many ask at once',
    async run({ createSigner }) {
      const signer = await createSigner()
      await race(50, async (index) => {
        const data = toUtf8(`caller ${index}`)
        assert.ok(isSignature(signer, data, await signer.sign(data)))
      })
    },
  },
  {
    name: 'publicKey MUST NOT hold a private member',
    async run({ createSigner }) {
      const publicKey = publicKeyOf(await createSigner())
      const held = PRIVATE_MEMBERS.filter((member) => publicKey[member] !== undefined)
      assert.deepEqual(held, [])
    },
  },
  {
    name: 'kid MUST stay the same for the same key',
    async run({ createSigner }) {
      const [one, other] = [await createSigner(), await createSigner()]
      assert.ok(one.kid.length > 0)
      assert.deepEqual([other.kid, other.publicKey], [one.kid, one.publicKey])
      assert.equal(other.algorithm, one.algorithm)
    },
  },
]

/** RFC 7518 section 6, RFC 8037 section 2. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const

const DIGESTS = { EdDSA: null, ES256: 'sha256', RS256: 'sha256' } as const

function isSignature(signer: Signer, data: Uint8Array, signature: Uint8Array): boolean {
  const { algorithm } = signer
  assert.ok(algorithm !== 'HS256', 'A secret that verifies what it signs has no public key')
  const key = createPublicKey({ key: { ...publicKeyOf(signer) }, format: 'jwk' })
  return verify(DIGESTS[algorithm], data, { key, dsaEncoding: 'ieee-p1363' }, signature)
}

function lengthOf(signer: Signer): number {
  if (signer.algorithm !== 'RS256') return 64
  return Buffer.from(publicKeyOf(signer).n ?? '', 'base64url').length
}

function publicKeyOf({ publicKey }: Signer): JsonWebKey {
  assert.ok(publicKey !== undefined, "A host's own signer is checked by its public key")
  return publicKey
}
