import type { RedisScript } from '../client.ts'
import { script } from '../script.ts'

/**
 * How one counter is stored: failures, whether it is locked, and its end in milliseconds. Keys live a minute longer than
 * what they hold, so that no clock of a node is too far behind Redis's own.
 */
const COUNTER = `
local function read(stored)
  local failures, locked, ends = string.match(stored or '', '^(%d+):([01]):(%d+)$')
  if not failures then return 0, false, 0 end
  return tonumber(failures), locked == '1', tonumber(ends)
end
local function keep(key, ends, now)
  local life = ends - now + 60000
  if redis.call('PTTL', key) < life then redis.call('PEXPIRE', key, string.format('%.0f', life)) end
end
`

/**
 * Counts one failure by the transitions of the model, and then for the total, if one is named and the failure counted.
 *
 * KEYS: the counters of an identity, the index of its organization. ARGV: identity, and then for each counter its field and, in
 * one text, as each value costs the client some time: threshold, window and duration in milliseconds, now.
 */
export const strikeCounter: RedisScript = script(`${COUNTER}
local answer = {}
local function strike(field, rule)
  local threshold, window, duration, at = string.match(rule, '^(%S+) (%S+) (%S+) (%S+)$')
  local now = tonumber(at)
  local failures, locked, ends = read(redis.call('HGET', KEYS[1], field))
  local stands = locked and now < ends
  if not stands then
    if not locked and now < ends then failures = failures + 1 else failures = 1 end
    locked = failures >= tonumber(threshold)
    ends = now + tonumber(locked and duration or window)
  end
  local counter = string.format('%.0f:%s:%.0f', failures, locked and '1' or '0', ends)
  answer[#answer + 1] = counter
  answer[#answer + 1] = stands and '0' or '1'
  if stands then return false end
  redis.call('HSET', KEYS[1], field, counter)
  keep(KEYS[1], ends, now)
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('(%.0f', now - 60000))
  local known = redis.call('ZSCORE', KEYS[2], ARGV[1])
  if not known or tonumber(known) < ends then redis.call('ZADD', KEYS[2], string.format('%.0f', ends), ARGV[1]) end
  keep(KEYS[2], ends, now)
  return true
end
if strike(ARGV[2], ARGV[3]) and ARGV[4] then strike(ARGV[4], ARGV[5]) end
return answer
`)

/** Reads counters, and Redis's own time in milliseconds before them. KEYS: the counters of an identity. ARGV: fields. */
export const readCounters: RedisScript = script(`
local time = redis.call('TIME')
local answer = { string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)) }
for i, stored in ipairs(redis.call('HMGET', KEYS[1], unpack(ARGV))) do answer[i + 1] = stored or '' end
return answer
`)

/**
 * Takes counters away, but for those that locked meanwhile, or all if the call has been under way for so long that the failures
 * may be those of somebody else. KEYS: the counters of an identity. ARGV: now, Redis's time until which it counts, fields.
 */
export const clearCounters: RedisScript = script(`${COUNTER}
local time = redis.call('TIME')
if time[1] * 1000 + math.floor(time[2] / 1000) > tonumber(ARGV[2]) then return '0' end
for i = 3, #ARGV do
  local _, locked, ends = read(redis.call('HGET', KEYS[1], ARGV[i]))
  if not (locked and tonumber(ARGV[1]) < ends) then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
return '1'
`)

/** Which identities a filter means. KEYS: the index. ARGV: what their keys begin with, the least score, identities. */
const SELECTED = `
local identities = {}
if #ARGV > 2 then
  for i = 3, #ARGV do identities[i - 2] = ARGV[i] end
else
  identities = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[2], '+inf', 'LIMIT', 0, 10000)
end
`

/** Answers identity, field and counter, one after the other, of all that a filter means. */
export const listCounters: RedisScript = script(`${SELECTED}
local answer = {}
for _, identity in ipairs(identities) do
  local fields = redis.call('HGETALL', ARGV[1] .. identity)
  for i = 1, #fields, 2 do
    answer[#answer + 1] = identity
    answer[#answer + 1] = fields[i]
    answer[#answer + 1] = fields[i + 1]
  end
end
return answer
`)

/** Takes all counters away that a filter means; ARGV begins with what the fields begin with. */
export const dropCounters: RedisScript = script(`
local beginning = table.remove(ARGV, 1)
${SELECTED}
for _, identity in ipairs(identities) do
  local key = ARGV[1] .. identity
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, #beginning) == beginning then redis.call('HDEL', key, field) end
  end
end
return '1'
`)
