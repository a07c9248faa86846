import { aRoot } from '@countersign/testkit/openssl'
import { expect, test } from 'vitest'
import { anEngine, claimsOf, reasonOf } from './support/world.ts'

test('tls() lets in a certificate of its authority, and records its names', async () => {
  const root = await aRoot()
  const leaf = await root.issue({ subject: '/CN=admin/OU=build' })
  const { logIn } = await anEngine({ ca: root.cert, commonNames: ['admin'] })
  const { accessToken } = await logIn(leaf)
  expect(claimsOf(accessToken)['att']).toMatchObject({
    commonName: 'admin',
    organizationalUnit: 'build',
    serialNumber: '1001',
  })
  expect(await reasonOf(logIn(await root.issue({ subject: '/CN=other' })))).toBe(
    'common_name_not_allowed',
  )
})
