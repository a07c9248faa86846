import { readConfig } from './config.ts'
import { runServer } from './server.ts'
import { StartError } from './start-error.ts'

const stopping = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort())

try {
  await runServer(readConfig(process.env), stopping.signal)
} catch (error) {
  if (!(error instanceof StartError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
