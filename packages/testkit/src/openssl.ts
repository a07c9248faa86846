import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'

const run = promisify(execFile)

/** Runs the openssl of this machine. */
export async function openssl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('openssl', [...args], { maxBuffer: 16_777_216 })
  return stdout
}

const folders: string[] = []
afterAll(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

/** A folder that is gone after the tests of this file. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-ca-'))
  folders.push(folder)
  return folder
}

/** A certificate as its holder has it, all in PEM. */
export interface Issued {
  readonly cert: string
  readonly key: string
  /** Where both lie. */
  readonly certFile: string
  readonly keyFile: string
}

/** What a certificate is to say. */
export interface Wanted {
  /** In the words of openssl: `/CN=admin/OU=build`. */
  readonly subject?: string
  /** Lines of an extension section. */
  readonly extensions?: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly serial?: string
  /** Arguments that make the key. */
  readonly key?: readonly string[]
  /** Bits of the string types that a subject may have. */
  readonly mask?: string
  readonly digest?: string
}

/** An authority of openssl's, in a folder of its own. */
export interface Ca extends Issued {
  readonly folder: string
  issue(wanted?: Wanted): Promise<Issued>
  /** Issues another authority. */
  issueCa(wanted?: Wanted): Promise<Ca>
  /** Certifies an authority that there is, by its own key and another name. */
  certify(other: Issued, subject: string): Promise<Issued>
  revoke(issued: Issued): Promise<void>
  crl(from?: string, to?: string): Promise<string>
}

/** What workloads' certificates say. */
export const CLIENT: readonly string[] = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=clientAuth',
]

/** What certificates of authorities say. */
export const AUTHORITY: readonly string[] = [
  'basicConstraints=critical,CA:TRUE',
  'keyUsage=critical,keyCertSign,cRLSign',
]

const EC: readonly string[] = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']
const FROM = '20200101000000Z'
const TO = '20490101000000Z'

const configOf = (folder: string, mask: string): string => `
[ca]
default_ca = this
[this]
database = ${folder}/index.txt
serial = ${folder}/serial
crlnumber = ${folder}/crlnumber
new_certs_dir = ${folder}
certificate = ${folder}/cert.pem
private_key = ${folder}/key.pem
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = optional
organizationName = optional
organizationalUnitName = optional
emailAddress = optional
[req]
distinguished_name = dn
string_mask = ${mask}
prompt = no
[dn]
CN = unused
`

/** Creates an authority that signs itself. */
export async function aRoot(wanted: Wanted = {}): Promise<Ca> {
  const folder = await prepare(wanted)
  const signed = await sign(folder, folder, { subject: '/CN=Test root', ...wanted }, AUTHORITY)
  return caIn(folder, signed)
}

async function prepare({ key = EC, mask = 'utf8only' }: Wanted): Promise<string> {
  const folder = await aFolder()
  await Promise.all([
    writeFile(join(folder, 'index.txt'), ''),
    writeFile(join(folder, 'serial'), '1000\n'),
    writeFile(join(folder, 'crlnumber'), '01\n'),
    writeFile(join(folder, 'openssl.cnf'), configOf(folder, mask)),
    openssl('genpkey', ...key, '-out', join(folder, 'key.pem')),
  ])
  return folder
}

async function sign(
  by: string,
  folder: string,
  wanted: Wanted,
  usual: readonly string[],
): Promise<Issued> {
  const { subject = '/CN=admin', extensions = usual, from = FROM, to = TO, serial } = wanted
  const at = (name: string): string => join(folder, name)
  await writeFile(at('extensions.cnf'), `${extensions.join('\n')}\n`)
  const own = ['-config', at('openssl.cnf')]
  await openssl(
    'req',
    '-new',
    ...own,
    '-utf8',
    '-key',
    at('key.pem'),
    '-subj',
    subject,
    '-out',
    at('request.pem'),
  )
  const index = await readFile(join(by, 'index.txt'), 'utf8')
  if (serial !== undefined) {
    await writeFile(join(by, 'serial'), `${serial}\n`)
    await writeFile(join(by, 'index.txt'), '')
  }
  const dates = ['-startdate', from, '-enddate', to, '-md', wanted.digest ?? 'sha256']
  const files = ['-in', at('request.pem'), '-out', at('cert.pem'), '-extfile', at('extensions.cnf')]
  const how = [
    ...dates,
    ...files,
    '-batch',
    '-preserveDN',
    '-notext',
    '-utf8',
    ...(by === folder ? ['-selfsign'] : []),
  ]
  await openssl('ca', '-config', join(by, 'openssl.cnf'), ...how)
  if (serial !== undefined) await writeFile(join(by, 'index.txt'), index)
  return {
    cert: await readFile(at('cert.pem'), 'utf8'),
    key: await readFile(at('key.pem'), 'utf8'),
    certFile: at('cert.pem'),
    keyFile: at('key.pem'),
  }
}

function caIn(folder: string, issued: Issued): Ca {
  const config = join(folder, 'openssl.cnf')
  // One at a time: openssl keeps its numbers in files.
  let turn: Promise<unknown> = Promise.resolve()
  const queued = <T>(deed: () => Promise<T>): Promise<T> => {
    const done = turn.then(deed)
    turn = done.catch(() => undefined)
    return done
  }
  return {
    ...issued,
    folder,
    issue: (wanted = {}) => queued(async () => sign(folder, await prepare(wanted), wanted, CLIENT)),
    issueCa: (wanted = {}) =>
      queued(async () => {
        const below = await prepare(wanted)
        const named = { subject: '/CN=Test intermediate', ...wanted }
        return caIn(below, await sign(folder, below, named, AUTHORITY))
      }),
    certify: (other, subject) =>
      queued(async () => {
        const copy = await prepare({})
        await copyFile(other.keyFile, join(copy, 'key.pem'))
        return sign(folder, copy, { subject }, AUTHORITY)
      }),
    revoke: ({ certFile }) =>
      queued(async () => void (await openssl('ca', '-config', config, '-revoke', certFile))),
    crl: (from = '20260101000000Z', to = '20270101000000Z') =>
      queued(() =>
        openssl('ca', '-config', config, '-gencrl', '-crl_lastupdate', from, '-crl_nextupdate', to),
      ),
  }
}
