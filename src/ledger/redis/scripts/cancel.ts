import { changing } from './changing.ts'
import { ending } from './ending.ts'
import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/** Argument: id. Answers `cancelled`, `settled` or `unknown`. */
export const cancelScript = createScript(
  'goes on',
  prelude,
  changing,
  ending,
  `
local id = ARGV[1]
local status = redis.call('HGET', request(id), 'status')
if not status then return redis.call('EXISTS', tombstone(id)) == 1 and 'settled' or 'unknown' end
if status ~= 'accepted' and status ~= 'running' then return 'settled' end
local ttl = finish(id, 'cancelled')
expire(id, ttl)
sweep()
return 'cancelled'
`
)
