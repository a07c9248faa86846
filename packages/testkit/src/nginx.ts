import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Server } from './child.ts'
import { startChild, stopChild } from './child.ts'
import { unpackDebian } from './debian.ts'
import { freePort } from './free-port.ts'

const NOBODY = 65_534

/** How one test's own proxy is set up. */
export interface NginxOptions {
  /** Where requests go: `http://127.0.0.1:4400`. */
  readonly upstream: string
  /** The certificate that it shows to clients, with its key. It asks for theirs, and takes any. */
  readonly tls: { readonly cert: string; readonly key: string }
  /** What it says in every request, by header, in the words of its configuration: `$ssl_client_escaped_cert`. */
  readonly headers: Readonly<Record<string, string>>
  /** The loopback address that it speaks from. */
  readonly from?: string
}

/** Starts an nginx that ends TLS, out of Debian packages that are installed nowhere. */
export async function startNginx(options: NginxOptions): Promise<Server> {
  const { command, env } = await unpackDebian('nginx', ['nginx', 'libpcre2-8-0'], 'usr/sbin/nginx')
  const folder = mkdtempSync(join(tmpdir(), 'countersign-nginx-'))
  const port = await freePort()
  for (const [name, text] of Object.entries(filesOf(folder, port, options)))
    writeFileSync(join(folder, name), text)
  mkdirSync(join(folder, 'temporary'))
  const isRoot = process.getuid?.() === 0
  if (isRoot) for (const part of ['', 'temporary', 'server.key']) own(join(folder, part))
  const child = await startChild({
    command,
    args: ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'],
    ready: /start worker process/,
    env,
    ...(isRoot && { uid: NOBODY, gid: NOBODY }),
  })
  return {
    url: `https://127.0.0.1:${port}`,
    async stop() {
      await stopChild(child, 'SIGTERM')
      // Its worker may write a last line.
      await setTimeout(0)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function own(path: string): void {
  chownSync(path, NOBODY, NOBODY)
}

function filesOf(folder: string, port: number, options: NginxOptions): Record<string, string> {
  const { upstream, tls, headers, from } = options
  const said = Object.entries(headers).map(([name, value]) => `proxy_set_header ${name} ${value};`)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/temporary/${name};`,
  )
  const config = [
    'daemon off;',
    'worker_processes 1;',
    `pid ${folder}/nginx.pid;`,
    'error_log stderr notice;',
    'events { worker_connections 256; }',
    'http {',
    'access_log off;',
    ...temporary,
    'server {',
    `listen 127.0.0.1:${port} ssl;`,
    `ssl_certificate ${folder}/server.crt;`,
    `ssl_certificate_key ${folder}/server.key;`,
    'ssl_verify_client optional_no_ca;',
    'ssl_verify_depth 8;',
    'location / {',
    `proxy_pass ${upstream};`,
    ...(from === undefined ? [] : [`proxy_bind ${from};`]),
    ...said,
    '} } }',
  ]
  return { 'nginx.conf': config.join('\n'), 'server.crt': tls.cert, 'server.key': tls.key }
}
