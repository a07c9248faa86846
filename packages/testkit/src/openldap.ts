import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Server } from './child.ts'
import { run, startChild, stopChild } from './child.ts'
import { unpackDebian } from './debian.ts'
import { freePort } from './free-port.ts'

const PACKAGES = ['slapd', 'libltdl7', 'libwrap0', 'libodbc2', 'ldap-utils']
const NOBODY = 65_534

/** How one test's own directory is set up. */
export interface OpenldapOptions {
  /** The suffix of its only database. */
  readonly suffix: string
  readonly rootDn: string
  readonly rootPassword: string
  /** Its entries, in LDIF. */
  readonly ldif: string
  /** A certificate with its key, and the authority of clients' certificates; without it there is no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string }
  /** Lines of slapd.conf before the database. */
  readonly settings?: readonly string[]
}

/** A directory, in clear and by TLS. */
export interface Openldap extends Server {
  readonly port: number
  readonly securePort: number
}

/** Starts an OpenLDAP that belongs to one test file, out of Debian packages that are installed nowhere. */
export async function startOpenldap(options: OpenldapOptions): Promise<Openldap> {
  const { command, env } = await unpackDebian('openldap', PACKAGES, 'usr/sbin/slapd')
  const root = dirname(dirname(dirname(command)))
  const folder = mkdtempSync(join(tmpdir(), 'countersign-openldap-'))
  const config = join(folder, 'slapd.conf')
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'seed.ldif'), options.ldif)
  writeFileSync(config, toConfig(folder, root, options))
  const isRoot = process.getuid?.() === 0
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {}
  if (isRoot) for (const path of [folder, join(folder, 'data')]) chownSync(path, NOBODY, NOBODY)
  // One program of many names: slapd adds entries as slapadd.
  await run(join(root, 'usr/sbin/slapadd'), ['-f', config, '-l', join(folder, 'seed.ldif')], {
    env,
    ...user,
  })
  const [port, securePort] = await Promise.all([freePort(), freePort()])
  const { tls } = options
  const secure = tls === undefined ? '' : ` ldaps://127.0.0.1:${securePort}/`
  const child = await startChild({
    command,
    args: ['-f', config, '-h', `ldap://127.0.0.1:${port}/${secure}`, '-d', '256'],
    ready: /slapd starting/,
    env,
    ...user,
  })
  await accepting(tls === undefined ? [port] : [port, securePort])
  return {
    url: `ldap://127.0.0.1:${port}`,
    port,
    securePort,
    async stop() {
      // SIGTERM would wait for every client.
      await stopChild(child, 'SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** It says that it is starting before it listens. */
async function accepting(ports: readonly number[]): Promise<void> {
  for (const port of ports)
    for (let tries = 0; !(await accepts(port)); tries += 1) {
      if (tries === MOST_TRIES) throw new Error(`slapd does not listen on ${port}`)
      await setTimeout(20)
    }
}

const MOST_TRIES = 500

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

function toConfig(folder: string, root: string, options: OpenldapOptions): string {
  const { suffix, rootDn, rootPassword, tls, settings = [] } = options
  const schema = ['core', 'cosine', 'inetorgperson'].map(
    (name) => `include ${root}/etc/ldap/schema/${name}.schema`,
  )
  const encryption = tls === undefined ? [] : toTlsConfig(folder, tls)
  return [
    ...schema,
    `modulepath ${root}/usr/lib/ldap`,
    'moduleload back_mdb',
    `pidfile ${folder}/slapd.pid`,
    ...encryption,
    ...settings,
    'database mdb',
    `suffix "${suffix}"`,
    `rootdn "${rootDn}"`,
    `rootpw ${rootPassword}`,
    `directory ${folder}/data`,
    'dbnosync',
    '',
  ].join('\n')
}

function toTlsConfig(folder: string, tls: NonNullable<OpenldapOptions['tls']>): readonly string[] {
  writeFileSync(join(folder, 'server.crt'), tls.cert)
  writeFileSync(join(folder, 'server.key'), tls.key)
  const lines = [
    `TLSCertificateFile ${folder}/server.crt`,
    `TLSCertificateKeyFile ${folder}/server.key`,
  ]
  if (tls.clientCa === undefined) return lines
  writeFileSync(join(folder, 'clients.crt'), tls.clientCa)
  return [...lines, `TLSCACertificateFile ${folder}/clients.crt`, 'TLSVerifyClient demand']
}
