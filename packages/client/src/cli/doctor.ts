import { isClientError } from '../client-error.ts'
import { systemRuntime } from '../system-runtime.ts'
import { ask, tokenOf } from './api.ts'
import type { Settings } from './settings.ts'
import { urlOf } from './settings.ts'
import { show } from './show.ts'

interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly found: string
}

/** Clocks that differ by more make fresh tokens look too young or too old elsewhere. In milliseconds. */
const CLOCKS_APART = 30_000

/** Looks for what keeps a workload from logging in, one check after the other, and ends with 1 where one fails. */
export async function doctor(settings: Settings): Promise<number> {
  const url = urlOf(settings)
  const findings: Finding[] = []
  const look = async (check: string, run: () => Promise<string>): Promise<void> => {
    try {
      findings.push({ check, ok: true, found: await run() })
    } catch (error) {
      const { message } = error instanceof Error ? error : new Error(String(error))
      const wait = isClientError(error) && error.retryAfter ? `; wait ${error.retryAfter} s` : ''
      findings.push({ check, ok: false, found: `${message}${wait}` })
    }
  }

  await look('address', async () => {
    if (new URL(url).protocol === 'https:') return url
    return `${url}: without https everybody on the way reads the credential`
  })
  await look('host', async () => {
    const { keys } = await ask(settings, '/.well-known/jwks.json', { token: '' })
    if (!Array.isArray(keys)) throw new Error('Whoever answers there is no Countersign')
    return `answers, ${keys.length} signing keys`
  })
  await look('clock', () => compareClocks(url))
  await look('login', async () => `a token of ${(await tokenOf(settings)).length} characters`)
  if (findings.at(-1)?.ok === true)
    await look('token', async () => {
      await ask(settings, '/api/v1/identities/details')
      return 'accepted'
    })
  const rows = findings.map(({ check, ok, found }) => ({ check, is: ok ? 'ok' : 'FAILS', found }))
  show(settings, rows, findings)
  return findings.every(({ ok }) => ok) ? 0 : 1
}

async function compareClocks(url: string): Promise<string> {
  const signal = systemRuntime.deadline(5000)
  const { headers } = await systemRuntime.fetch(`${url}/.well-known/jwks.json`, { signal })
  const shown = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(shown)) return 'the host does not show its clock'
  const apart = systemRuntime.wallClock().getTime() - shown
  const seconds = Math.round(Math.abs(apart) / 1000)
  if (Math.abs(apart) > CLOCKS_APART) throw new Error(`${seconds} s apart: set the clock`)
  return `${seconds} s apart`
}
