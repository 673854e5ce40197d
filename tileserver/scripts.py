"""The atomic steps of the Redis tier, in Lua; docs/architecture.md shows the layout."""

_CLOCK = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
"""

_INDEX = """
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

# KEYS tile, indexes…; ARGV variant, token, lease ms, whether a kept value will do, spot, life ms.
# Gives the value, or how long another renders still, or that the lease is ours. From here on the
# index names the tile for the life of what may be stored under the lease.
TAKE = (
    _CLOCK
    + _INDEX
    + """
-- Variants of one tile: whoever asks for more of them gets them rendered, and they are not kept.
local MOST_FIELDS = 64
local fields = redis.call('HLEN', KEYS[1])
if fields > 0 then
  if ARGV[4] == '1' then
    local kept = redis.call('HGET', KEYS[1], 'v|' .. ARGV[1])
    if kept then return {'kept', kept} end
  end
  if fields >= MOST_FIELDS then return {'full', 0} end
  local lease = redis.call('HGET', KEYS[1], 'l|' .. ARGV[1])
  if lease then
    local till = tonumber(string.match(lease, ' (%d+)$'))
    if till > now then
      redis.call('HSET', KEYS[1], 'w|' .. ARGV[1], 1)
      return {'wait', till - now}
    end
  end
end
redis.call('HSET', KEYS[1], 'l|' .. ARGV[1], ARGV[2] .. ' ' .. now + ARGV[3])
-- GT takes a key without a TTL, which a new one is, for one that stays for good.
if fields > 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[3], 'GT')
else
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
index(ARGV[6], ARGV[5])
return {'ours', ARGV[3]}
"""
)

_OURS = """
local lease = redis.call('HGET', KEYS[1], 'l|' .. ARGV[1])
if not lease or string.match(lease, '^(%S+) ') ~= ARGV[2] then return 0 end
"""

# News wake a thread in every process: they are told where somebody waits.
_DONE = """
local ended = redis.call('HDEL', KEYS[1], 'l|' .. ARGV[1], 'w|' .. ARGV[1])
if ended == 2 then redis.call('PUBLISH', ARGV[3], ARGV[4]) end
"""

# KEYS tile; ARGV variant, token, lease ms.
KEEP_LEASE = (
    _CLOCK
    + _OURS
    + """
redis.call('HSET', KEYS[1], 'l|' .. ARGV[1], ARGV[2] .. ' ' .. now + ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3], 'GT')
return 1
"""
)

# KEYS tile; ARGV variant, token, channel, news, value, life ms.
STORE = (
    _OURS
    + """
redis.call('HSET', KEYS[1], 'v|' .. ARGV[1], ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[6], 'GT')
"""
    + _DONE
    + "return 1"
)

# KEYS tile, indexes…; ARGV variant, token, channel, news.
GIVE_UP = (
    _OURS
    + _DONE
    + """
if redis.call('EXISTS', KEYS[1]) == 0 then
  for i = 2, #KEYS do redis.call('ZREM', KEYS[i], KEYS[1]) end
end
return 1
"""
)

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
