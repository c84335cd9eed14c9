/** A page ends behind the record with which so many octets of frames were looked at, so that no call is long. */
const mostBytes = 16 * 1024 * 1024

/** Records that one call looks at, the most that a script may ask for. */
export const mostIds = 1000

/** For scripts that list. */
export const summary = `
local looked = 0

-- The frame without its blobs, of which a list tells nothing.
local function headOf(frame)
  looked = looked + #frame
  local a, b, c, d, e, f, g, h = string.byte(frame, 2, 9)
  local length, blobs = ((a * 256 + b) * 256 + c) * 256 + d, ((e * 256 + f) * 256 + g) * 256 + h
  return string.sub(frame, 1, 9 + 4 * blobs + length)
end

-- Names and values by turns.
local function summaryOf(id)
  local names = {'state', 'request', 'progress', 'settlement', 'replayedAs', 'closed', 'waiting'}
  local frames = {progress = true, settlement = true}
  if string.find(stateOf(id).holds, 'm') then
    for _, name in ipairs(redis.call('HKEYS', request(id))) do
      if string.sub(name, 1, 5) == 'mark:' then
        names[#names + 1] = name
        frames[name] = true
      end
    end
  end
  local values = redis.call('HMGET', request(id), unpack(names))
  local fields = {}
  for i, name in ipairs(names) do
    local value = values[i]
    if value and value ~= '' and frames[name] then value = headOf(value) end
    if value then
      fields[#fields + 1] = name
      fields[#fields + 1] = value
    end
  end
  return withOrder(id, fields)
end

-- The id to go on after (nothing: that was all), then each of those that match with its summary.
local function pageOf(ids, limit, matches)
  local page, found = {''}, 0
  for _, id in ipairs(ids) do
    local s = stateOf(id)
    if s and matches(id, s) then
      table.insert(page, {id, summaryOf(id)})
      found = found + 1
      if found == limit then return page end
      if looked > ${mostBytes} then
        page[1] = id
        return page
      end
    end
  end
  if #ids == ${mostIds} then page[1] = ids[${mostIds}] end
  return page
end
`
