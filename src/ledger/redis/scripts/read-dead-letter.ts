import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/** Argument: id. Answers the fields of the dead letter, or nothing. */
export const readDeadLetterScript = createScript(
  'reads',
  prelude,
  `
if not redis.call('ZSCORE', dead, ARGV[1]) then return {} end
return redis.call('HGETALL', request(ARGV[1]))
`
)
