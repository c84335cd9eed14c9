import { createOneKeyScript } from './script.ts'

/** The key is that of the role. Arguments: the owner, the lease. Answers 1 when the owner has the role, or had it. */
export const electScript = createOneKeyScript(
  'goes on',
  `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
if tonumber(ARGV[2]) > 0 then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
else
  redis.call('DEL', KEYS[1])
end
return 1
`
)
