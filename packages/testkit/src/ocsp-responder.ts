import { join } from 'node:path'
import type { Server } from './child.ts'
import { startChild, stopChild } from './child.ts'
import { freePort } from './free-port.ts'

/** Where an authority of openssl's lies, and who answers for it. */
export interface OcspAuthority {
  /** The folder with its index of certificates. */
  readonly folder: string
  readonly certFile: string
  readonly keyFile: string
}

/** Starts the responder of openssl, which answers for an authority by its index, in its own name or another's. */
export async function startOcspResponder(
  { folder, certFile, ...own }: OcspAuthority,
  by: Pick<OcspAuthority, 'certFile' | 'keyFile'> = { certFile, ...own },
): Promise<Server> {
  const port = await freePort()
  const child = await startChild({
    command: 'openssl',
    args: [
      ...['ocsp', '-port', String(port), '-index', join(folder, 'index.txt'), '-CA', certFile],
      ...['-rsigner', by.certFile, '-rkey', by.keyFile, '-ndays', '1'],
    ],
    ready: /waiting for OCSP client connections/i,
  })
  return { url: `http://127.0.0.1:${port}`, stop: () => stopChild(child, 'SIGKILL') }
}
