import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fakeAuthority } from '@countersign/testing/fakes'

// The SDK of Infisical logs in by awsIamAuth under the real names of STS, in a network in which these are on loopback.

const HOSTS = ['sts.eu-west-1.amazonaws.com', 'sts.us-east-1.amazonaws.com']
/** Resolves too, but the certificate there is not its own. */
const UNTRUSTED = 'sts.eu-west-2.amazonaws.com'

/** Runs a command as the root of a network and of mounts of its own; `$1` is its file of hosts. */
const SCRIPT = `{ ip link set lo up || ifconfig lo up; } 2>/dev/null && mount --bind "$1" /etc/hosts && shift && exec "$@"`
const inNamespace = (hosts: string, ...command: readonly string[]): readonly string[] => [
  ...['--map-root-user', '--net', '--mount', 'sh', '-c', SCRIPT, 'sh', hosts],
  ...command,
]

const { status } = spawnSync('unshare', inNamespace('/etc/hosts', 'true'))
const skip = status === 0 ? false : 'Namespaces are not allowed here'

interface Told {
  readonly results: Readonly<Record<string, string>>
  readonly hosts: readonly string[]
}

async function runIn(folder: string): Promise<Told> {
  const authority = fakeAuthority()
  const { cert, key } = authority.issue(HOSTS)
  const names = ['localhost', ...HOSTS, UNTRUSTED]
  const contents = { ca: authority.ca, cert, key, hosts: `127.0.0.1 ${names.join(' ')}\n` }
  for (const [name, text] of Object.entries(contents)) await writeFile(join(folder, name), text)
  const [ca = '', ...rest] = ['ca', 'cert', 'key'].map((name) => join(folder, name))
  const child = fileURLToPath(new URL('aws-namespace.ts', import.meta.url))
  const flags = ['--conditions=@countersign/source', '--import', 'tsx']
  const node = [process.execPath, ...flags, child, ca, ...rest]
  const { stdout } = await promisify(execFile)(
    'unshare',
    inNamespace(join(folder, 'hosts'), ...node),
    { timeout: 120_000, env: { PATH: process.env['PATH'] ?? '', NODE_EXTRA_CA_CERTS: ca } },
  )
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

describe('awsIamAuth of the SDK, under the real names of STS', { skip }, () => {
  let folder: string
  let told: Told

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'compat-'))
    told = await runIn(folder)
  })

  after(() => rm(folder, { recursive: true }))

  test('logs in, and STS was asked by the name that was signed', () => {
    assert.equal(told.results['ireland'], 'logged in')
    assert.equal(told.results['virginia'], 'logged in')
    assert.deepEqual(told.hosts.slice(0, 2), HOSTS)
  })

  test('is told in words that a signature is wrong, or the role another', () => {
    for (const name of ['forged', 'otherRole'])
      assert.match(told.results[name] ?? '', /\[StatusCode=401\] The credential was not accepted$/)
  })

  test('is not let in by an STS whose certificate is for another name', () => {
    assert.match(told.results['untrusted'] ?? '', /\[StatusCode=503\]/)
    assert.equal(told.hosts.length, 4)
  })
})
