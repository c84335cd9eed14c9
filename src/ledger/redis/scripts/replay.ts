import { accepting } from './library/accepting.ts'
import { changing } from './library/changing.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: id, arguments of the replay. Answers `none`; `repeated` and the replay that there is; `full` and how many
 * wait; or `accepted` and the id.
 */
export const replayScript = createScript(
  'takes in',
  prelude,
  changing,
  accepting,
  `
local id, replay = ARGV[1], requestAt(2)
if not redis.call('ZSCORE', dead, id) then return {'none'} end
-- The replay that has not failed: of the dead letter, or of the failed replay's own.
local standing = redis.call('HGET', request(id), 'replayedAs')
while standing and redis.call('ZSCORE', dead, standing) do
  standing = redis.call('HGET', request(standing), 'replayedAs')
end
if standing then return {'repeated', standing} end
if waiting() >= replay.maxQueued then return {'full', waiting()} end
local _, claimable = store(replay, 0)
finishUp()
redis.call('HSET', request(id), 'replayedAs', replay.id)
if claimable then announceWork() end
return {'accepted', replay.id}
`
)
