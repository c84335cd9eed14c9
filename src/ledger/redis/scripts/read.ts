import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'
import { state } from './library/state.ts'

/**
 * Arguments: id, version. Answers the fields of the record; `same` when its version is not above the one given;
 * `expired` or `unknown`.
 */
export const readScript = createScript(
  'reads',
  prelude,
  state,
  `
local id = ARGV[1]
local s = stateOf(id)
if not s then return hasExpired(id) and 'expired' or 'unknown' end
if tonumber(s.version) <= tonumber(ARGV[2]) then return 'same' end
local fields = withOrder(id, redis.call('HGETALL', request(id)))
if s.status == 'running' and string.find(s.holds, 's') then
  local run, token, size = unpack(redis.call('HMGET', stream(id), 'run', 'token', 'size'))
  if token == s.token then
    fields[#fields + 1] = 'stream'
    fields[#fields + 1] = run .. ' ' .. size
  end
end
return fields
`
)
