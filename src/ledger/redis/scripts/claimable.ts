import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/** Answers 1 when there is something to claim now. */
export const claimableScript = createScript(
  'reads',
  prelude,
  `
if redis.call('EXISTS', ready) == 1 then return 1 end
for _, queue in ipairs({delayed, claims}) do
  if redis.call('ZCOUNT', queue, '-inf', now) > 0 or redis.call('ZCOUNT', queue, '(' .. farAhead, '+inf') > 0 then return 1 end
end
return 0
`
)
