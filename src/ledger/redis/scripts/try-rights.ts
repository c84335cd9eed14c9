import { createScript } from './script.ts'

/**
 * Does once what the scripts of the ledger do, on keys that are gone when it ends. Answers a text for each thing that
 * the user may not do: `command NAME`, `keys`, `channels`. The one argument is the channel of work.
 */
export const tryRightsScript = createScript(
  'goes on',
  `
local base = KEYS[1]
local lacks, told = {}, {}

local function lack(what)
  if not told[what] then lacks[#lacks + 1] = what end
  told[what] = true
end

local function try(command, ...)
  local answer = redis.pcall(command, ...)
  local err = type(answer) == 'table' and answer.err
  if not err or not (string.find(err, 'user executing the script can') or string.find(err, 'NOPERM')) then return end
  if string.find(err, 'channel') then lack('channels')
  elseif string.find(err, 'keys? ') and not string.find(err, 'command or subcommand') then lack('keys')
  else lack('command ' .. command) end
end

local text, hash, set, list, names = base .. ':text', base .. ':hash', base .. ':set', base .. ':list', base .. ':names'
try('TIME')
try('SADD', names, 'a')
try('SMEMBERS', names)
try('PEXPIRE', names, 1000)
try('DEL', names)
try('SET', text, '', 'PX', 1000)
try('GET', text)
try('EXISTS', text)
try('PEXPIRE', text, 1000)
try('DEL', text)
try('HSET', hash, 'a', '')
try('PEXPIRE', hash, 1000)
try('HGET', hash, 'a')
try('HMGET', hash, 'a')
try('HGETALL', hash)
try('HDEL', hash, 'a')
try('ZADD', set, 0, 'a')
try('PEXPIRE', set, 1000)
try('ZRANGE', set, 0, 0)
try('ZCARD', set)
try('ZCOUNT', set, 0, 0)
try('ZSCORE', set, 'a')
try('ZMSCORE', set, 'a')
try('ZREM', set, 'a')
try('RPUSH', list, '')
try('PEXPIRE', list, 1000)
try('LPOP', list, 1)
try('PUBLISH', base .. ':changes', '')
try('PUBLISH', ARGV[1], '')
return lacks
`
)
