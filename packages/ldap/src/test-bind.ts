import type { DirectoryReason } from './directory-error.ts'
import { DirectoryError } from './directory-error.ts'
import type { Reach } from './find-server.ts'
import { withServer } from './find-server.ts'
import type { LdapConnection } from './policy.ts'

/** Binds once as the service of a connection, and says why that does not work. Nothing of what a server said is repeated. */
export async function refuseConnection(
  connection: LdapConnection,
  reach: Reach,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    await withServer(connection, reach, signal, async () => undefined)
    return undefined
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error
    const isNobody = error.code === 'service_refused' && connection.bindDn === undefined
    return isNobody ? NOBODY : SENTENCES[error.code]
  }
}

const NOBODY = 'bindDn must be stated: the directory accepts nobody without a name'

const SENTENCES: Readonly<Record<DirectoryReason, string>> = {
  egress_refused: 'urls must lead to addresses that may be connected to',
  unreachable: 'urls must name a server that can be reached',
  tls_failed: 'urls must name a server that proves its name to a trusted authority',
  start_tls_refused: 'urls must name a server that accepts StartTLS',
  service_refused: 'bindPassword must be one that the directory accepts for bindDn',
  unexpected_answer: 'urls must name a server that answers as a directory does',
  too_late: 'urls must name a server that answers in time',
}
