import type { RedisScript } from '../client.ts'
import { script } from '../script.ts'

/** Marks evidence as seen, unless it is marked. KEYS: the mark. ARGV: until when, now; in milliseconds. */
export const markSeen: RedisScript = script(`
local seen = redis.call('GET', KEYS[1])
if seen and tonumber(ARGV[2]) < (tonumber(seen) or math.huge) then return 'seen' end
local life = math.max(1, tonumber(ARGV[1]) - tonumber(ARGV[2])) + 60000
redis.call('SET', KEYS[1], ARGV[1], 'PX', string.format('%.0f', life))
return 'marked'
`)
