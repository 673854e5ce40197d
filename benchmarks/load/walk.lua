-- Walks a list of paths with wrk. What to do is told in the environment:
--   WALK_LIST    a file, one "path<TAB>etag" a line (the etag may be empty)
--   WALK_CODING  the Accept-Encoding that is sent, empty for none
--   WALK_ONCE    1: each path once (needs one thread), saying WALKED on standard output at the end;
--                0: over and over, each thread from another place of the list, answers not looked at
--   WALK_PAUSE   milliseconds that each connection rests before a request, on average: from nothing
--                to twice as long
local once = os.getenv("WALK_ONCE") == "1"
local pause = tonumber(os.getenv("WALK_PAUSE"))
local requests, issued, reserved = {}, 0, 0
local threads = {}
-- Read by done(): answers by kind, bytes of bodies, sums of what gzip says about its content.
answers, failures, bytes, crcs, sizes, first, last = 0, 0, 0, 0, 0, 0, 0

local ffi = require("ffi")
local bit = require("bit")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } walk_time;
  int clock_gettime(int clock, walk_time *time);
]]
local moment = ffi.new("walk_time")
local function now()
  ffi.C.clock_gettime(1, moment)
  return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

local crc_table = {}
for i = 0, 255 do
  local c = i
  for _ = 1, 8 do
    c = bit.band(c, 1) == 1 and bit.bxor(0xEDB88320, bit.rshift(c, 1)) or bit.rshift(c, 1)
  end
  crc_table[i] = c
end

local function crc32(text)
  local c = -1
  for i = 1, #text do
    c = bit.bxor(crc_table[bit.band(bit.bxor(c, text:byte(i)), 255)], bit.rshift(c, 8))
  end
  c = bit.bnot(c)
  return c < 0 and c + 4294967296 or c
end

local function word(text, at)
  local a, b, c, d = text:byte(at, at + 3)
  return a + 256 * b + 65536 * c + 16777216 * d
end

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  local coding = os.getenv("WALK_CODING")
  for line in io.lines(os.getenv("WALK_LIST")) do
    local path, etag = line:match("^(.-)\t(.*)$")
    local headers = {}
    if coding ~= "" then headers["Accept-Encoding"] = coding end
    if etag ~= "" then headers["If-None-Match"] = etag end
    table.insert(requests, wrk.format("GET", path, headers))
  end
  if not once then issued = math.floor(number * #requests / 2) end
end

function request()
  issued = issued + 1
  if once and issued == 1 then first = now() end
  return requests[(issued - 1) % #requests + 1]
end

if pause > 0 then
  function delay()
    return math.random(0, 2 * pause)
  end
end

if once then
  -- Each 0 is followed by one request: no connection asks for more than is on the list.
  function delay()
    if reserved < #requests then
      reserved = reserved + 1
      return 0
    end
    return 3600000
  end

  function response(status, headers, body)
    answers = answers + 1
    bytes = bytes + #body
    if status ~= 200 and status ~= 204 then
      failures = failures + 1
    elseif body:byte(1) == 0x1f and body:byte(2) == 0x8b then
      crcs = (crcs + word(body, #body - 7)) % 4294967296
      sizes = sizes + word(body, #body - 3)
    else
      crcs = (crcs + crc32(body)) % 4294967296
      sizes = sizes + #body
    end
    if answers == #requests then
      last = now()
      io.stdout:write("WALKED\n")
      io.stdout:flush()
    end
  end
end

function done(summary, latency, _)
  local walker = threads[1]
  local told = {
    answers = summary.requests, bytes = summary.bytes, seconds = summary.duration / 1e6,
    p50 = latency:percentile(50) / 1000, p95 = latency:percentile(95) / 1000,
    p99 = latency:percentile(99) / 1000, longest = latency.max / 1000,
    failures = summary.errors.status,
    broken = summary.errors.connect + summary.errors.read + summary.errors.write
      + summary.errors.timeout,
  }
  if once then
    told.seconds = walker:get("last") - walker:get("first")
    for _, name in ipairs({ "answers", "bytes", "failures", "crcs", "sizes" }) do
      told[name] = walker:get(name)
    end
  end
  local parts = {}
  for name, value in pairs(told) do
    table.insert(parts, string.format('"%s": %.6f', name, value))
  end
  io.stdout:write("RESULT {" .. table.concat(parts, ", ") .. "}\n")
end
