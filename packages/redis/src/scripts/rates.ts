import type { RedisScript } from '../client.ts'
import { script } from '../script.ts'

/**
 * Counts every demand, or none and answers the seconds until none is beyond its limit: `rollTo` and `secondsUntilFree` of
 * the model, operation by operation, so that no rounding differs.
 *
 * ARGV: in one text, as each value costs the client some time: now; for each key the most and the window in milliseconds. What is stored: window, count, count before.
 */
export const takeRates: RedisScript = script(`
local told = {}
for number in string.gmatch(ARGV[1], '%S+') do told[#told + 1] = tonumber(number) end
local now = told[1]
local rolled = {}
local wait = 0
for i = 1, #KEYS do
  local most, span = told[2 * i], told[2 * i + 1]
  local window, count, before = math.floor(now / span), 0, 0
  local stored = redis.call('GET', KEYS[i])
  if stored then
    local w, c, b = string.match(stored, '^(%d+):(%d+):(%d+)$')
    w, c, b = tonumber(w), tonumber(c), tonumber(b)
    if w and w >= window then
      window, count, before = w, c, b
    elseif w and w == window - 1 then
      before = c
    end
  end
  local elapsed = now - window * span
  local free = 0
  if before * (1 - elapsed / span) + count + 1 > most then
    if count + 1 <= most then
      local share = (most - 1 - count) / before
      free = math.max(1, math.ceil((span * (1 - share) - elapsed) / 1000))
    else
      local share = (most - 1) / count
      free = math.max(1, math.ceil((span - elapsed + span * (1 - share)) / 1000))
    end
  end
  wait = math.max(wait, free)
  rolled[i] = { string.format('%.0f:%.0f:%.0f', window, count + 1, before), span }
end
if wait > 0 then return string.format('%.0f', wait) end
for i = 1, #KEYS do redis.call('SET', KEYS[i], rolled[i][1], 'PX', 2 * rolled[i][2]) end
return '0'
`)
