import { apiKey } from '@better-auth/api-key'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { getMigrations } from 'better-auth/db/migration'
import type pg from 'pg'

/** API keys of better-auth, and how one of them is verified. */
export interface BetterAuthKeys {
  readonly keys: readonly string[]
  readonly verify: (key: string) => Promise<unknown>
}

/** Creates API keys of better-auth, in memory or on a pool; its rate limits are off, as ours are no part of this. */
export async function createBetterAuthKeys(
  count: number,
  { pool, remaining }: { readonly pool?: pg.Pool; readonly remaining?: number } = {},
): Promise<BetterAuthKeys> {
  const options = {
    database:
      pool ?? memoryAdapter({ user: [], session: [], account: [], verification: [], apikey: [] }),
    baseURL: 'https://id.example.com',
    secret: 'a secret of the bench, long enough to be one',
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    plugins: [apiKey({ rateLimit: { enabled: false } })],
  }
  if (pool !== undefined) await (await getMigrations(options)).runMigrations()
  const auth = betterAuth(options)
  const { user } = await auth.api.signUpEmail({
    body: { name: 'Ada', email: `ada-${count}@example.com`, password: 'correct horse battery' },
  })
  const keys: string[] = []
  while (keys.length < count) {
    const limit = remaining === undefined ? {} : { remaining }
    const { key } = await auth.api.createApiKey({
      body: { userId: user.id, rateLimitEnabled: false, ...limit },
    })
    keys.push(key)
  }
  return { keys, verify: (key) => verified(auth.api.verifyApiKey({ body: { key } })) }
}

async function verified(answer: Promise<{ readonly valid: boolean }>): Promise<unknown> {
  const { valid } = await answer
  if (!valid) throw new Error('better-auth refuses its own key')
  return valid
}
