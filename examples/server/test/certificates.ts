import type { Ca, Issued } from '@countersign/testkit/openssl'
import { AUTHORITY, aRoot, CLIENT } from '@countersign/testkit/openssl'

/** What an identity trusts, what is shown to it, and what becomes of that. */
export interface CertificateCase {
  readonly settings: object
  readonly shown: Pick<Issued, 'cert' | 'key'>
  /** Why the trail says that it was refused; nothing where it logs in. */
  readonly reason?: string
}

const PAST = { from: '20200101000000Z', to: '20240101000000Z' }
const FUTURE = { from: '20480101000000Z', to: '20490101000000Z' }
const SERVERS = [
  ...CLIENT.filter((line) => !line.includes('extended')),
  'extendedKeyUsage=serverAuth',
]
const constrained = [...AUTHORITY, 'nameConstraints=critical,permitted;DNS:good.example']
const named = (name: string) => ({ extensions: [...CLIENT, `subjectAltName=DNS:${name}`] })

/** Every certificate that an openssl can make and a server must tell apart, by what is the matter with it. */
export async function certificateCases(root: Ca, startResponder: () => Promise<string>) {
  const trusting = (...above: readonly Issued[]) => ({
    caCertificate: [root, ...above].map(({ cert }) => cert).join(''),
    allowedCommonNames: 'admin',
  })
  const settings = trusting()
  const [good, revoked] = [await root.issue(), await root.issue()]
  const middle = await root.issueCa()
  await root.revoke(revoked)
  const lists = await root.crl('20260101000000Z', '20480101000000Z')
  const byList = { ...settings, revocationLists: lists }
  const byResponder = { ...settings, ocspUrl: await startResponder() }
  const noAuthority = await root.issueCa({ extensions: CLIENT })
  const last = await root.issueCa({
    extensions: ['basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=critical,keyCertSign'],
  })
  const tooFar = await last.issueCa({ subject: '/CN=too far' })
  const narrow = await root.issueCa({ extensions: constrained })
  const stranger = await aRoot()
  const pinned = { ...settings, allowedSerialNumbers: ['4242'] }
  const elsewhere = await stranger.issue({ serial: '4242' })
  const cases: Readonly<Record<string, CertificateCase>> = {
    good: { settings, shown: good },
    'good, below an intermediate': { settings: trusting(middle), shown: await middle.issue() },
    'good, and no list knows it': { settings: byList, shown: good },
    'good, says the responder': { settings: byResponder, shown: good },
    'good, by its serial number': { settings: pinned, shown: await root.issue({ serial: '4242' }) },
    expired: { settings, shown: await root.issue(PAST), reason: 'certificate_expired' },
    'not yet valid': {
      settings,
      shown: await root.issue(FUTURE),
      reason: 'certificate_not_yet_valid',
    },
    'revoked, by a list': { settings: byList, shown: revoked, reason: 'certificate_revoked' },
    'revoked, says the responder': {
      settings: byResponder,
      shown: revoked,
      reason: 'certificate_revoked',
    },
    'for servers': {
      settings,
      shown: await root.issue({ extensions: SERVERS }),
      reason: 'client_auth_not_allowed',
    },
    'by an issuer that is no authority': {
      settings: { ...settings, caCertificate: root.cert },
      shown: withChain(await noAuthority.issue(), noAuthority),
      reason: 'issuer_is_no_authority',
    },
    'on a path that is too long': {
      settings: trusting(last, tooFar),
      shown: await tooFar.issue(),
      reason: 'path_too_long',
    },
    'with a name that its issuer may not give': {
      settings: trusting(narrow),
      shown: await narrow.issue(named('evil.example')),
      reason: 'name_constraint_violated',
    },
    'with a name that its issuer may give': {
      settings: trusting(narrow),
      shown: await narrow.issue(named('a.good.example')),
    },
    'named admin=evil': {
      settings,
      shown: await root.issue({ subject: '/CN=admin=evil' }),
      reason: 'common_name_not_allowed',
    },
    'named twice': {
      settings,
      shown: await root.issue({ subject: '/CN=evil/CN=admin' }),
      reason: 'common_name_not_allowed',
    },
    'with the same serial number, under another key': {
      settings: pinned,
      shown: elsewhere,
      reason: 'unknown_authority',
    },
    'of an authority that looks alike': {
      settings,
      shown: await stranger.issue(),
      reason: 'unknown_authority',
    },
    'signed by itself': {
      settings,
      shown: await selfSigned(),
      reason: 'unknown_authority',
    },
  }
  return cases
}

/** A client's certificate that nobody else vouches for. */
function selfSigned(): Promise<Issued> {
  return aRoot({ subject: '/CN=admin', extensions: CLIENT })
}

function withChain({ cert, key }: Issued, ...above: readonly Issued[]) {
  return { key, cert: [cert, ...above.map((one) => one.cert)].join('') }
}
