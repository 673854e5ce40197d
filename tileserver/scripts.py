"""The atomic steps of the Redis tier, in Lua; docs/architecture.md shows the layout."""

_CLOCK = """
-- Variants of one tile: whoever asks for more of them gets them rendered, and they are not kept.
local MOST_FIELDS = 64
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function outlive(key, ms)
  if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, ms) end
end
-- Two sorted sets for each Layer: tiles by Morton code (`spot`), and by their last millisecond.
-- They have no TTL, or Redis might evict them: then an expiry would miss what they name.
local function index(ms, spot)
  for i = 2, #KEYS, 2 do
    local over = redis.call('ZRANGEBYSCORE', KEYS[i + 1], '-inf', now, 'LIMIT', 0, 16)
    if #over > 0 then
      redis.call('ZREM', KEYS[i], unpack(over))
      redis.call('ZREM', KEYS[i + 1], unpack(over))
    end
    redis.call('ZADD', KEYS[i], spot, KEYS[1])
    redis.call('ZADD', KEYS[i + 1], 'GT', now + ms, KEYS[1])
  end
end
"""

# KEYS tile, indexes…; ARGV variant, token, lease ms, whether a kept value will do, spot.
# Gives the value, or how long another renders still, or that the lease is ours.
TAKE = (
    _CLOCK
    + """
if ARGV[4] == '1' then
  local kept = redis.call('HGET', KEYS[1], 'v|' .. ARGV[1])
  if kept then return {'kept', kept} end
end
if redis.call('HLEN', KEYS[1]) >= MOST_FIELDS then return {'full', 0} end
local lease = redis.call('HGET', KEYS[1], 'l|' .. ARGV[1])
if lease then
  local till = tonumber(string.match(lease, ' (%d+)$'))
  if till > now then return {'wait', till - now} end
end
local ms = tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'l|' .. ARGV[1], ARGV[2] .. ' ' .. now + ms)
outlive(KEYS[1], ms)
index(ms, ARGV[5])
return {'ours', ms}
"""
)

# KEYS tile, indexes…; ARGV variant, token, lease ms, spot.
KEEP_LEASE = (
    _CLOCK
    + """
local lease = redis.call('HGET', KEYS[1], 'l|' .. ARGV[1])
if not lease or string.match(lease, '^(%S+) ') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'l|' .. ARGV[1], ARGV[2] .. ' ' .. now + ARGV[3])
outlive(KEYS[1], tonumber(ARGV[3]))
index(tonumber(ARGV[3]), ARGV[4])
return 1
"""
)

# KEYS tile, indexes…; ARGV variant, token, value, life ms, channel, news, spot.
STORE = (
    _CLOCK
    + """
local lease = redis.call('HGET', KEYS[1], 'l|' .. ARGV[1])
if not lease or string.match(lease, '^(%S+) ') ~= ARGV[2] then return 0 end
local life = tonumber(ARGV[4])
redis.call('HDEL', KEYS[1], 'l|' .. ARGV[1])
redis.call('HSET', KEYS[1], 'v|' .. ARGV[1], ARGV[3])
outlive(KEYS[1], life)
index(life, ARGV[7])
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
"""
)

# KEYS tile; ARGV variant, token, channel, news.
GIVE_UP = """
local lease = redis.call('HGET', KEYS[1], 'l|' .. ARGV[1])
if not lease or string.match(lease, '^(%S+) ') ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], 'l|' .. ARGV[1])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
"""

# KEYS each tile, followed by its indexes; ARGV channel, then for each tile how many indexes follow.
EXPIRE = """
local at, gone = 1, 0
for n = 2, #ARGV do
  local key, last = KEYS[at], at + ARGV[n]
  gone = gone + redis.call('UNLINK', key)
  for i = at + 1, last do redis.call('ZREM', KEYS[i], key) end
  redis.call('PUBLISH', ARGV[1], 'x ' .. key)
  at = last + 1
end
return gone
"""
