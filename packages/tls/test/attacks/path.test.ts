import type { Ca } from '@countersign/testkit/openssl'
import { AUTHORITY, aRoot, CLIENT } from '@countersign/testkit/openssl'
import { beforeAll, describe, expect, test } from 'vitest'
import { anEngine, reasonOf } from '../support/world.ts'

let root: Ca
let middle: Ca
beforeAll(async () => {
  root = await aRoot()
  middle = await root.issueCa()
})

const admin = { commonNames: ['admin'] }
const PAST = { from: '20240101000000Z', to: '20260301115959Z' }
const FUTURE = { from: '20260301120001Z', to: '20300101000000Z' }
const without = (word: string): readonly string[] => CLIENT.filter((line) => !line.includes(word))

describe('the role of a certificate', () => {
  test('TLS-003 an authority logs nobody in, whatever its name', async () => {
    const named = await aRoot({ subject: '/CN=admin' })
    const { logIn } = await anEngine({ ca: named.cert, ...admin })
    await logIn(await named.issue())
    expect(await reasonOf(logIn(named))).toBe('certificate_is_authority')
    const below = await named.issueCa({ subject: '/CN=admin' })
    expect(await reasonOf(logIn(below))).toBe('certificate_is_authority')
    const extensions = [...without('keyUsage=critical'), 'keyUsage=digitalSignature,keyCertSign']
    expect(await reasonOf(logIn(await named.issue({ extensions })))).toBe(
      'certificate_is_authority',
    )
  })

  test('TLS-004 a certificate for servers alone is refused, and one without a purpose unless the policy says so', async () => {
    const { logIn } = await anEngine({ ca: root.cert, ...admin })
    const server = await root.issue({
      extensions: [...without('extended'), 'extendedKeyUsage=serverAuth'],
    })
    const bare = await root.issue({ extensions: without('extended') })
    const both = await root.issue({
      extensions: [...without('extended'), 'extendedKeyUsage=serverAuth,clientAuth'],
    })
    await logIn(both)
    expect(await reasonOf(logIn(server))).toBe('client_auth_not_allowed')
    expect(await reasonOf(logIn(bare))).toBe('client_auth_not_allowed')
    const lax = await anEngine({ ca: root.cert, ...admin, anyUsage: true })
    await lax.logIn(bare)
    expect(await reasonOf(lax.logIn(server))).toBe('client_auth_not_allowed')
  })

  test('a key that may not sign, and one that an issuer may not have for clients, are refused', async () => {
    const { logIn } = await anEngine({ ca: root.cert, ...admin })
    const sealed = await root.issue({
      extensions: [...without('keyUsage=critical'), 'keyUsage=critical,keyEncipherment'],
    })
    expect(await reasonOf(logIn(sealed))).toBe('signing_not_allowed')
    const servers = await root.issueCa({
      extensions: [...AUTHORITY, 'extendedKeyUsage=serverAuth'],
    })
    const leaf = await servers.issue()
    expect(await reasonOf(logIn(leaf, servers))).toBe('issuer_client_auth_not_allowed')
  })
})

describe('the time of a certificate', () => {
  test('TLS-007 everything on a path is valid now: the certificate, what is between, and the authority', async () => {
    const { logIn } = await anEngine({ ca: root.cert, ...admin })
    const edge = await root.issue({ from: '20260301120000Z', to: '20260301120000Z' })
    await logIn(edge)
    expect(await reasonOf(logIn(await root.issue(PAST)))).toBe('certificate_expired')
    expect(await reasonOf(logIn(await root.issue(FUTURE)))).toBe('certificate_not_yet_valid')
    const between = [
      ['issuer_expired', PAST],
      ['issuer_not_yet_valid', FUTURE],
    ] as const
    for (const [reason, dates] of between) {
      const old = await root.issueCa(dates)
      expect(await reasonOf(logIn(await old.issue(), old))).toBe(reason)
      const above = await aRoot(dates)
      const other = await anEngine({ ca: above.cert, ...admin })
      expect(await reasonOf(other.logIn(await above.issue()))).toBe(reason)
    }
  })

  test('TLS-007 a certificate that was good is refused the second after its end', async () => {
    const { logIn, countersign } = await anEngine({ ca: root.cert, ...admin })
    const leaf = await root.issue({ to: '20260301120005Z' })
    countersign.clock.advance(5)
    await logIn(leaf)
    countersign.clock.advance(1)
    expect(await reasonOf(logIn(leaf))).toBe('certificate_expired')
  })
})

describe('the path of a certificate', () => {
  test('TLS-008 an intermediate counts where it was sent, or stands in the policy, and not otherwise', async () => {
    const leaf = await middle.issue()
    const { logIn } = await anEngine({ ca: root.cert, ...admin })
    await logIn(leaf, middle)
    await logIn(leaf, leaf, root, middle)
    expect(await reasonOf(logIn(leaf))).toBe('unknown_authority')
    const own = await anEngine({ ca: `${root.cert}${middle.cert}`, ...admin })
    await own.logIn(leaf)
    await own.logIn(await root.issue())
  })

  test('TLS-008 what is no authority issues nothing, and a certificate of its own none of the same key', async () => {
    const { logIn, logInUnlikeOpenssl } = await anEngine({ ca: root.cert, ...admin })
    const plain = await root.issueCa({ extensions: CLIENT })
    expect(await reasonOf(logIn(await plain.issue(), plain))).toBe('issuer_is_no_authority')
    const silent = await root.issueCa({ extensions: ['basicConstraints=critical,CA:TRUE'] })
    const unlike = 'RFC 5280 lets an authority without a key usage do anything; here it must say so'
    const refused = logInUnlikeOpenssl(unlike, await silent.issue(), silent)
    expect(await reasonOf(refused)).toBe('issuer_is_no_authority')
    const unsigning = await root.issueCa({
      extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,cRLSign'],
    })
    expect(await reasonOf(logIn(await unsigning.issue(), unsigning))).toBe('issuer_is_no_authority')
  })

  test('TLS-008 a path is no longer than any authority on it allows', async () => {
    const last = await aRoot({
      extensions: ['basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=critical,keyCertSign'],
    })
    const { logIn } = await anEngine({ ca: last.cert, ...admin })
    await logIn(await last.issue())
    const below = await last.issueCa()
    expect(await reasonOf(logIn(await below.issue(), below))).toBe('path_too_long')
    const one = await root.issueCa({
      extensions: ['basicConstraints=critical,CA:TRUE,pathlen:1', 'keyUsage=critical,keyCertSign'],
    })
    const two = await one.issueCa({ subject: '/CN=two' })
    const three = await two.issueCa({ subject: '/CN=three' })
    const wide = await anEngine({ ca: root.cert, ...admin })
    await wide.logIn(await two.issue(), two, one)
    expect(await reasonOf(wide.logIn(await three.issue(), three, two, one))).toBe('path_too_long')
  })

  test('every critical extension must be understood', async () => {
    const { logIn } = await anEngine({ ca: root.cert, ...admin })
    const strange = await root.issue({ extensions: [...CLIENT, '1.2.3.4=critical,ASN1:NULL'] })
    expect(await reasonOf(logIn(strange))).toBe('unknown_critical_extension')
    await logIn(await root.issue({ extensions: [...CLIENT, '1.2.3.4=ASN1:NULL'] }))
  })

  test('short keys and broken digests prove nothing', async () => {
    const { logIn } = await anEngine({ ca: root.cert, ...admin })
    const rsa = (bits: number) => ({
      key: ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`],
    })
    await logIn(await root.issue(rsa(2048)))
    await logIn(await root.issue({ key: ['-algorithm', 'ED25519'] }))
    expect(await reasonOf(logIn(await root.issue(rsa(1024))))).toBe('weak_algorithm')
    expect(await reasonOf(logIn(await root.issue({ digest: 'sha1' })))).toBe('weak_algorithm')
  })

  test('authorities that certify each other are walked for so long, and no longer', async () => {
    const names = ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => `/CN=${name}`)
    const crossed = await Promise.all(
      names.map(async (subject) => ({ subject, ca: await aRoot({ subject }) })),
    )
    const certified: string[] = []
    for (const { ca } of crossed)
      for (const other of crossed.filter((one) => one.ca !== ca))
        certified.push((await ca.certify(other.ca, other.subject)).cert)
    const leaf = await crossed[0]?.ca.issue()
    if (leaf === undefined) throw new Error('There is none')
    const lost = await anEngine({ ca: root.cert + certified.join(''), ...admin })
    expect(await reasonOf(lost.logIn(leaf))).toBe('path_too_winding')
    const last = crossed.at(-1)?.ca.cert ?? ''
    const found = await anEngine({ ca: last + certified.join(''), ...admin })
    await found.logInUnlikeOpenssl('openssl follows one way, and does not come back', leaf)
  })

  test('authorities of one name are told apart by their keys', async () => {
    const alike = await Promise.all(
      Array.from({ length: 3 }, () => aRoot({ subject: '/CN=alike' })),
    )
    const [first, second] = alike
    const leaf = await first?.issue()
    if (leaf === undefined || second === undefined) throw new Error('There is none')
    const all = await anEngine({ ca: alike.map(({ cert }) => cert).join(''), ...admin })
    await all.logIn(leaf)
    const { logIn } = await anEngine({ ca: second.cert, ...admin })
    expect(await reasonOf(logIn(leaf, ...alike))).toBe('unknown_authority')
  })
})
