-- One step of a token bucket that bridges share: GCRA, as `src/limits/gcra.rs` has it. It runs in
-- Redis, which runs one script at a time, and goes by Redis's own clock: those of the bridges do
-- not matter.
--
-- KEYS[1]  when the bucket is full again, in microseconds since 1970; absent: it is full
-- ARGV     look, take, charge or give_back; the time in which a token comes back; the time a full
--          bucket stands for but for one token; in tests a clock. All in microseconds.
-- Returns  how long the bucket stays empty, as it was before the step; 0 where it is not.
local interval, tolerance, now = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local held = redis.pcall('GET', KEYS[1])
local full_at = type(held) == 'string' and tonumber(held) or now
-- What is no number, or further ahead than tokens that were asked for at the same time can bring it, is
-- nobody's bucket: it is begun anew.
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
  -- A full bucket is forgotten: so the memory is bounded by what is spent.
  redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', string.format('%.0f', math.ceil((next - now) / 1000)))
end
return wait
