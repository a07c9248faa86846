import { createHash, X509Certificate } from 'node:crypto'
import type { Ca } from '@countersign/testkit/openssl'
import { aRoot, CLIENT } from '@countersign/testkit/openssl'
import { beforeAll, describe, expect, test } from 'vitest'
import { anEngine, reasonOf } from '../support/world.ts'

let root: Ca
beforeAll(async () => {
  root = await aRoot()
})

const admin = { commonNames: ['admin'] }

describe('pins', () => {
  test('TLS-009 the serial number and the subject of another authority are another certificate', async () => {
    const other = await aRoot()
    const mine = await root.issue({ serial: 'ABCD' })
    const theirs = await other.issue({ serial: 'ABCD' })
    const { logIn } = await anEngine({ ca: root.cert, serialNumbers: ['abcd'] })
    await logIn(mine)
    expect(await reasonOf(logIn(theirs))).toBe('unknown_authority')
    expect(await reasonOf(logIn(theirs, other))).toBe('unknown_authority')
    expect(await reasonOf(logIn(await root.issue()))).toBe('serial_not_allowed')
    const middle = await root.issueCa()
    expect(await reasonOf(logIn(await middle.issue({ serial: 'ABCD' }), middle))).toBe(
      'serial_not_allowed',
    )
  })

  test('TLS-009 a pinned key is not replaced by another with the same serial number and subject', async () => {
    const leaf = await root.issue({ serial: 'BEEF' })
    const again = await root.issue({ serial: 'BEEF' })
    const lax = await anEngine({ ca: root.cert, anyName: true })
    await lax.logIn(again)
    const fingerprint = keyFingerprintOf(leaf.cert)
    const { logIn } = await anEngine({ ca: root.cert, keyFingerprints: [fingerprint] })
    await logIn(leaf)
    expect(await reasonOf(logIn(again))).toBe('key_not_allowed')
    const serials = { serialNumbers: ['beef'], keyFingerprints: [fingerprint] }
    const strict = await anEngine({ ca: root.cert, ...serials })
    await strict.logIn(leaf)
    expect(await reasonOf(strict.logIn(again))).toBe('key_not_allowed')
  })

  test('TLS-009 an authority that only calls itself alike has issued nothing', async () => {
    const alike = await aRoot({ subject: '/CN=Test root' })
    const { logIn } = await anEngine({ ca: root.cert, ...admin })
    expect(await reasonOf(logIn(await alike.issue()))).toBe('unknown_authority')
    expect(await reasonOf(logIn(await alike.issue(), alike))).toBe('unknown_authority')
    const alone = await aRoot({ subject: '/CN=admin', extensions: CLIENT })
    expect(await reasonOf(logIn(alone))).toBe('unknown_authority')
    const impostor = await aRoot({ subject: '/CN=Test root', extensions: CLIENT })
    expect(await reasonOf(logIn(impostor, root))).toBe('unknown_authority')
  })
})

function keyFingerprintOf(pem: string): string {
  const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('hex')
}
