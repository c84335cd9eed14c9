import { isoTime } from '../event/iso-time.ts'
import { SluiceError } from '../errors.ts'
import { jsonAnswer, type Answer } from '../http/answer.ts'
import { linksOf } from '../ledger/record/status-document.ts'
import type { ReplayJob } from '../replay/replay-job.ts'
import type { Replays } from '../replay/replays.ts'
import type { AdminRequest, AdminRoute } from './admin-route.ts'
import { bulkReplayQuery, replayQuery } from './dead-letter-query.ts'
import { unknownDeadLetter } from './dead-letter-routes.ts'
import { readQuery } from './read-query.ts'

export interface ReplayRouteDeps {
  readonly replays: () => Promise<Replays>
}

/** Replays of one dead letter, or of many by a job whose progress can be followed. */
export const replayRoutes = (deps: ReplayRouteDeps): readonly AdminRoute[] => [
  { method: 'POST', path: '/deadletters/replay', handle: request => beginReplay(request, deps) },
  { method: 'GET', path: '/replays', handle: () => listReplays(deps) },
  { method: 'GET', path: '/replays/:id', handle: request => showReplay(request, deps) },
  { method: 'DELETE', path: '/replays/:id', handle: request => stopReplay(request, deps) },
  { method: 'POST', path: '/deadletters/:id/replay', handle: request => replayOne(request, deps) }
]

async function beginReplay({ query }: AdminRequest, { replays }: ReplayRouteDeps): Promise<Answer> {
  const { from, rate, pipeline, step, code, since } = readQuery(bulkReplayQuery, query)
  const job = await (await replays()).begin({ from, rate, filter: { pipeline, step, code, since } })
  return jsonAnswer(202, replayDocument(job), ['location', `/replays/${job.id}`])
}

async function listReplays({ replays }: ReplayRouteDeps): Promise<Answer> {
  const jobs = await (await replays()).list()
  return jsonAnswer(200, { items: jobs.map(replayDocument), next: null })
}

async function showReplay({ param }: AdminRequest, { replays }: ReplayRouteDeps): Promise<Answer> {
  return replayAnswer(await (await replays()).find(param('id')), param('id'))
}

async function stopReplay({ param }: AdminRequest, { replays }: ReplayRouteDeps): Promise<Answer> {
  return replayAnswer(await (await replays()).stop(param('id')), param('id'))
}

function replayAnswer(job: ReplayJob | undefined, id: string): Answer {
  if (job === undefined) throw new SluiceError('REQUEST_NOT_FOUND', `there is no bulk replay "${id}"`)
  return jsonAnswer(200, replayDocument(job))
}

async function replayOne({ param, query }: AdminRequest, { replays }: ReplayRouteDeps): Promise<Answer> {
  const id = param('id')
  const { from } = readQuery(replayQuery, query)
  const replay = await (await replays()).replay(id, from)
  if (replay === undefined) throw unknownDeadLetter(id)
  const links = linksOf(replay.pipeline, replay.id)
  return jsonAnswer(202, { id: replay.id, status: 'accepted', replayOf: id, repeated: replay.repeated, links })
}

/** The job as it is told: without what only its owner needs; times are RFC 3339. */
function replayDocument({ id, status, from, rate, filter, replayed, skipped, refused, cursor, ...job }: ReplayJob) {
  const { since, ...rest } = filter
  return {
    id,
    status,
    from,
    rate,
    filter: { ...rest, ...(since !== undefined && { since: isoTime(since) }) },
    ...(job.total !== undefined && { total: job.total }),
    replayed,
    skipped,
    refused,
    cursor,
    startedAt: isoTime(job.startedAt),
    ...(job.finishedAt !== undefined && { finishedAt: isoTime(job.finishedAt) })
  }
}
