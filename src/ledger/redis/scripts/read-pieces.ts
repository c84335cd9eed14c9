import { prelude } from './library/prelude.ts'
import { state } from './library/state.ts'
import { streaming } from './library/streaming.ts'
import { createScript } from './script.ts'

/**
 * Arguments: id, run or nothing, offset in it, octets at most. Answers run, offset, frame of the reply and octets; or
 * nothing when the present delivery does not stream.
 */
export const readPiecesScript = createScript(
  'reads',
  prelude,
  state,
  streaming,
  `
local id, offset, limit = ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[4])
local s = stateOf(id)
if not s or s.status ~= 'running' then return {} end
local key = stream(id)
local run, token, size, head = unpack(redis.call('HMGET', key, 'run', 'token', 'size', 'head'))
if token ~= s.token then return {} end
size = tonumber(size)
if run ~= ARGV[2] then offset = 0 end
offset = math.min(offset, size)
local last = math.min(offset + limit, size)
local first, names = math.floor(offset / blockBytes), {}
for block = first, math.floor((last - 1) / blockBytes) do names[#names + 1] = blockName(block) end
local octets = names[1] and table.concat(redis.call('HMGET', key, unpack(names))) or ''
local from = offset - first * blockBytes
return {run, string.format('%d', offset), head, string.sub(octets, from + 1, from + last - offset)}
`
)
