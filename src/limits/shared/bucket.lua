-- One step of a token bucket that bridges share: GCRA, as in `src/limits/gcra.rs`. It runs in Redis,
-- which runs one script at a time. It uses Redis's own clock, so the clocks of the bridges do not
-- matter.
--
-- KEYS[1]  the time at which the bucket is full again, in microseconds since 1970; absent: it is full
-- ARGV     look, take, charge or give_back; the time in which a token comes back; the time in which
--          a bucket with one token becomes full; in tests a clock. All times in microseconds.
-- Returns  for how long the bucket would have stayed empty without the step; 0 if it was not empty.
local interval, tolerance, now = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local held = redis.pcall('GET', KEYS[1])
local full_at = type(held) == 'string' and tonumber(held) or now
-- A value that is not a number, or further ahead than charges at the same time can bring it, is not a
-- bucket: it starts full.
local latest = now + tolerance + 10000 * interval
if full_at ~= full_at or full_at > latest then
  full_at = now
end
full_at = math.max(full_at, now)
local wait = math.max(full_at - tolerance - now, 0)

local next = full_at
if ARGV[1] == 'charge' then
  next = math.min(full_at + interval, latest)
elseif ARGV[1] == 'take' and wait == 0 then
  next = full_at + interval
elseif ARGV[1] == 'give_back' then
  next = math.max(full_at - interval, now)
end
if next == now then
  redis.call('DEL', KEYS[1])
elseif next ~= full_at then
  -- The key expires when the bucket is full, so memory is bounded by the tokens spent.
  redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', string.format('%.0f', math.ceil((next - now) / 1000)))
end
return wait
