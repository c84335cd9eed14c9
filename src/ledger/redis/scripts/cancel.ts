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
local record = look(id)
if not record.status then return hasExpired(id) and 'settled' or 'unknown' end
if record.status ~= 'accepted' and record.status ~= 'running' then return 'settled' end
finish(record, 'cancelled')
unmarkOrigin(id, record.replayOf)
expire(id, record.ttl)
finishAll()
sweep(1)
return 'cancelled'
`
)
