import type { Storage } from '@countersign/core'
import { createCountersign, isCountersignError } from '@countersign/core'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import { createEventLog } from './event-log.ts'
import { admit } from './first-run.ts'
import { listen } from './listening.ts'
import { findRootKeys } from './root-keys.ts'
import { StartError } from './start-error.ts'
import { chooseRecords } from './storage.ts'
import { createVerifiers } from './verifiers.ts'
import type { Engine } from './vocabulary.ts'
import { resources, roles } from './vocabulary.ts'

/** Runs the reference server from its first check to its last answer. Resolves once `stop` aborted and all is closed. */
export async function runServer(config: Config, stop: AbortSignal): Promise<void> {
  const records = await chooseRecords(config)
  const rootKeys = await findRootKeys(config)
  const { server, port, drain } = await listen(config)
  try {
    const scheme = config.tls === undefined ? 'http' : 'https'
    const url = config.url ?? `${scheme}://127.0.0.1:${port}`
    const countersign = createEngine({ ...config, url, rootKeys }, records.storage)
    server.on('request', createApp(countersign, records))
    await records.open()
    await countersign.ready()
    const admission = await admit(countersign)
    console.log(JSON.stringify({ ready: true, pid: process.pid, url, ...admission }))
    await countersign.run({ signal: stop })
    await drain()
    await countersign.close()
  } finally {
    server.closeAllConnections()
    server.close()
    await records.close()
  }
}

interface EngineConfig extends Config {
  readonly url: string
  readonly rootKeys: readonly string[]
}

function createEngine(config: EngineConfig, storage: Storage): Engine {
  const { url, rootKeys, trustedProxies, clientCertificate, trust } = config
  try {
    return createCountersign({
      issuer: url,
      rootKeys,
      storage,
      trustedProxies,
      clientCertificate,
      verifiers: createVerifiers(url, trust),
      resources,
      roles,
      sinks: [createEventLog(process.stderr)],
    })
  } catch (error) {
    if (isCountersignError(error)) throw new StartError(toOperatorWords(error.message))
    throw error
  }
}

const variables: Readonly<Record<string, string>> = {
  issuer: 'COUNTERSIGN_URL',
  rootKeys: 'COUNTERSIGN_ROOT_KEYS',
  trustedProxies: 'COUNTERSIGN_TRUSTED_PROXIES',
  clientCertificate: 'COUNTERSIGN_CERTIFICATE_HEADER',
}

/** The engine names its option; the operator knows the variable behind it. */
function toOperatorWords(message: string): string {
  return message.replace(/^\w+/, (option) => variables[option] ?? option)
}
