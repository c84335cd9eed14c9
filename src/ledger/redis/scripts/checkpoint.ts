import { changing } from './library/changing.ts'
import { prelude } from './library/prelude.ts'
import { createScript } from './script.ts'

/**
 * Arguments: id, token, path of the sequence, 1 when the marks below it go or else 0, its mark. Answers 1, or 0 when
 * the claim is lost.
 */
export const checkpointScript = createScript(
  'goes on',
  prelude,
  changing,
  `
local id = ARGV[1]
local s = held(id, ARGV[2])
if not s then return 0 end
local path = ARGV[3]
local letter, field = 'p', 'progress'
if path ~= '' then letter, field = 'm', 'mark:' .. path end
if ARGV[4] == '1' then forgetMarks(id, path == '' and '' or path .. '/') end
if not string.find(s.holds, letter) then s.holds = s.holds .. letter end
change(s, field, ARGV[5])
finishUp()
return 1
`
)
