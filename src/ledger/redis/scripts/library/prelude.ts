import { longestMs } from '../../longest.ts'

/**
 * The beginning of every script. `KEYS[1]` is `prefix:{pipeline}`; all keys of the pipeline begin with it and are in
 * one slot of a cluster. `KEYS[2]`: see `script.ts`. Ids come encoded.
 *
 * - `request:ID`    hash: the record. `state`: see `state-words.ts`. `request`: the frame of the request, but for the `data`
 *                   of its event, which is forgotten unless the request fails; `progress`, `settlement`: frames.
 * Of a dead letter also `code` and `step` of its failure, `replayedAs`, and `closed` when a replay ended well
 * - `stream:ID`     hash: what a request that runs has streamed: `run`, the `token` of its claim, `size` in octets, `head`
 *                   (the frame of the reply without its data), and the octets in blocks `b0`, `b1`, …
 * - `ready`         zset by rank: may be claimed
 * - `delayed`       zset by the time when they are due
 * - `claims`        zset by the end of the lease
 * - `blocked`       zset: wait for the one before them with the same order key
 * - `order:DIGEST`  zset by acceptance: what is not settled of one order key; the first may run
 * - `open`          zset by acceptance: what is not settled and has no event time of its own
 * - `timed`, `times` zsets of what is not settled and has one, by acceptance and by event time
 * - `all`           zset by id: every record that has not expired
 * - `ends:N`        list: settled records that expire in the Nth span of ten seconds, to be swept out of `all` then
 * - `ends`          zset by their ends: the spans of which there is a list
 * - `dead`          zset by id: dead letters; those that no replay closed are also in `unclosed`
 * - `known:DIGEST`  string: the id and fingerprint behind a deduplication key
 * - `expired:ID`    string: there was a record and it was swept out, to tell an expired request from an unknown one
 * - `changes`       channel: the ids, with spaces between, of requests that changed
 */
export const prelude = `
local base = KEYS[1]
local time = redis.call('TIME')
local nowMicros = time[1] * 1000000 + time[2]
local now = math.floor(nowMicros / 1000)
local ready, delayed, claims, blocked = base .. ':ready', base .. ':delayed', base .. ':claims', base .. ':blocked'
local open, timed, times = base .. ':open', base .. ':timed', base .. ':times'
local all, ends, endsMs = base .. ':all', base .. ':ends', 10000
-- No lease and no delay ends later than this from now, unless the clock was set back since.
local farAhead = now + ${longestMs}
local dead, unclosed = base .. ':dead', base .. ':unclosed'

local function request(id)
  return base .. ':request:' .. id
end

local function stream(id)
  return base .. ':stream:' .. id
end

local function tombstone(id)
  return base .. ':expired:' .. id
end

local function endsIn(span)
  return ends .. ':' .. span
end

-- Of one whose record is not there.
local function hasExpired(id)
  return redis.call('EXISTS', tombstone(id)) == 1 or redis.call('ZSCORE', all, id) and true
end
`
