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
return withOrder(id, redis.call('HGETALL', request(id)))
`
)
