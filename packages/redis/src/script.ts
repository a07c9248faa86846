import { createHash } from 'node:crypto'
import type { RedisScript } from './client.ts'

/** Names a script by the digest that Redis gives it, too. */
export function script(text: string): RedisScript {
  const trimmed = text.trim()
  return { text: trimmed, sha: createHash('sha1').update(trimmed).digest('hex') }
}
