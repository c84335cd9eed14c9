import { accepting } from './accepting.ts'
import { changing } from './changing.ts'
import { prelude } from './prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: id, fields of the replay. Answers `none`; `repeated` and the replay that there is; `full` and how many
 * wait; or `accepted` and the id.
 */
export const replayScript = createScript(
  'takes in',
  prelude,
  changing,
  accepting,
  `
local id, replay = ARGV[1], requestAt(0, 1)
if not redis.call('ZSCORE', dead, id) then return {'none'} end
local replayedAs, failed = unpack(redis.call('HMGET', request(id), 'replayedAs', 'replayFailed'))
if replayedAs and not failed then return {'repeated', replayedAs} end
if waiting() >= replay.maxQueued then return {'full', waiting()} end
local runnable = store(replay)
redis.call('HSET', request(id), 'replayedAs', replay.id)
redis.call('HDEL', request(id), 'replayFailed')
if runnable then announceWork() end
return {'accepted', replay.id}
`
)
