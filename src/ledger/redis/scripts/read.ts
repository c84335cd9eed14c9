import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: id, version. Answers the fields of the record; `same` when its version is not above the one given;
 * `expired` or `unknown`.
 */
export const readScript = createScript(
  'reads',
  prelude,
  `
local id = ARGV[1]
local version = redis.call('HGET', request(id), 'version')
if not version then return hasExpired(id) and 'expired' or 'unknown' end
if tonumber(version) <= tonumber(ARGV[2]) then return 'same' end
return redis.call('HGETALL', request(id))
`
)
