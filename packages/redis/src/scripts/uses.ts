import type { RedisScript } from '../client.ts'
import { script } from '../script.ts'

/**
 * Which Redis this is since when: a count that was opened before a restart, or on a primary that was lost, may have come back
 * from an older copy of itself, and is as good as missing.
 */
const INCARNATION = `
local function incarnation()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
end
local function usesOf(key, method)
  local stored = redis.call('HMGET', key, 'uses', 'method', 'run')
  if not stored[1] or stored[2] ~= method or stored[3] ~= incarnation() then return nil end
  return tonumber(stored[1])
end
`

/** Opens a count; one that is there is left as it is. KEYS: the count. ARGV: auth method, life in milliseconds. */
export const openCount: RedisScript = script(`${INCARNATION}
if redis.call('EXISTS', KEYS[1]) == 1 then return 'kept' end
redis.call('HSET', KEYS[1], 'uses', '0', 'method', ARGV[1], 'run', incarnation())
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'opened'
`)

/** Takes a count away that nobody used. KEYS: the count. */
export const closeCount: RedisScript = script(`
if redis.call('HGET', KEYS[1], 'uses') == '0' then redis.call('DEL', KEYS[1]) end
return '1'
`)

/** Answers the uses, or `missing`. KEYS: the count. ARGV: auth method. */
export const readUses: RedisScript = script(`${INCARNATION}
local uses = usesOf(KEYS[1], ARGV[1])
return uses and string.format('%.0f', uses) or 'missing'
`)

/** Counts one use while fewer than the limit are counted. KEYS: the count. ARGV: auth method, limit. */
export const spendUse: RedisScript = script(`${INCARNATION}
local uses = usesOf(KEYS[1], ARGV[1])
if not uses then return 'missing' end
if uses >= tonumber(ARGV[2]) then return 'exhausted' end
redis.call('HINCRBY', KEYS[1], 'uses', 1)
return 'spent'
`)

/** Keeps a count longer that is not used up. KEYS: the count. ARGV: auth method, limit, life in milliseconds. */
export const extendCount: RedisScript = script(`${INCARNATION}
local uses = usesOf(KEYS[1], ARGV[1])
if not uses then return 'missing' end
if uses >= tonumber(ARGV[2]) then return 'exhausted' end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 'extended'
`)
