import { changing } from './changing.ts'
import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/** Arguments: id, token, progress. Answers 1, or 0 when the claim is lost. */
export const checkpointScript = createScript(
  'goes on',
  prelude,
  changing,
  `
local id = ARGV[1]
if not owns(id, ARGV[2]) then return 0 end
redis.call('HSET', request(id), 'progress', ARGV[3])
changed(id)
return 1
`
)
