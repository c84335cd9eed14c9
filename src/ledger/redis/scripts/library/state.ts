import { stateWords } from '../../state-words.ts'

const words = stateWords.map(name => `s.${name}`).join(', ')
const pattern = stateWords.map(() => '([^ ]*)').join(' ')

/** For scripts that look at the state of a record, or change it. */
export const state = `
-- Each word a text; nothing when there is no record.
local function stateOf(id)
  local text = redis.call('HGET', request(id), 'state')
  if not text then return nil end
  local s = {id = id}
  ${words} = string.match(text, '^${pattern}$')
  return s
end

local function stateText(s)
  return table.concat({${words}}, ' ')
end

-- Tells of a request that waits for the one before it.
local function withOrder(id, fields)
  if redis.call('ZSCORE', blocked, id) then
    fields[#fields + 1] = 'blocked'
    fields[#fields + 1] = '1'
  end
  return fields
end
`
