/**
 * What every script starts with. `KEYS[1]` is `prefix:{pipeline}`; all keys of the pipeline begin with it and are in one
 * slot of a cluster. Ids come encoded.
 *
 * - `request:ID`    hash: the record; its fields are those of `StoredRecord` and what is named in `accepting.ts`
 * - `ready`         zset by rank: may be claimed
 * - `delayed`       zset by the time when they are due
 * - `claims`        zset by the end of the lease
 * - `blocked`       zset: wait for the one before them with the same order key
 * - `order:DIGEST`  zset by acceptance: what is not settled of one order key; the first may run
 * - `open`          zset by acceptance: what is not settled and has no event time of its own
 * - `timed`, `times` zsets of what is not settled and has one, by acceptance and by event time
 * - `all`           zset by id: every record that has not expired
 * - `ends`          zset by expiry: settled records, to be swept out of `all` once they have expired
 * - `dead`          zset by id: dead letters; those that no replay closed are also in `unclosed`
 * - `known:DIGEST`  string: the id and fingerprint behind a deduplication key
 * - `expired:ID`    string: there was a record and it was swept out, to tell an expired request from an unknown one
 */
export const prelude = `
local base = KEYS[1]
local time = redis.call('TIME')
local nowMicros = time[1] * 1000000 + time[2]
local now = math.floor(nowMicros / 1000)
local ready, delayed, claims, blocked = base .. ':ready', base .. ':delayed', base .. ':claims', base .. ':blocked'
local open, timed, times = base .. ':open', base .. ':timed', base .. ':times'
local all, ends = base .. ':all', base .. ':ends'
local dead, unclosed = base .. ':dead', base .. ':unclosed'

local function request(id)
  return base .. ':request:' .. id
end

local function tombstone(id)
  return base .. ':expired:' .. id
end

-- Of one whose record is not there.
local function hasExpired(id)
  return redis.call('EXISTS', tombstone(id)) == 1 or redis.call('ZSCORE', ends, id) and true
end
`
