import type { OperationName, Operations, StoredRequest } from './operations.ts'
import type { RequestWatchers } from './request-watchers.ts'

type Announcements = {
  readonly [Name in OperationName]?: (
    input: Operations[Name][0],
    value: Operations[Name][1],
    watchers: RequestWatchers
  ) => void
}

/** The changes by each operation that somebody may wait for. */
const announcements: Announcements = {
  accept({ requests }, answer, watchers) {
    if (answer.kind === 'full') return
    answer.requests.forEach((request, i) => {
      if (request.kind === 'accepted' && request.token === undefined) tellWork(requests[i], watchers)
    })
  },
  claim({ pipeline }, claims, watchers) {
    for (const { record } of claims) watchers.changed(pipeline, record.id)
  },
  claimThese({ pipeline }, claims, watchers) {
    for (const { record } of claims) watchers.changed(pipeline, record.id)
  },
  checkpoint({ claim }, done, watchers) {
    if (done) watchers.changed(claim.pipeline, claim.id)
  },
  appendPiece({ claim }, run, watchers) {
    if (run !== undefined) watchers.changed(claim.pipeline, claim.id)
  },
  settle(settlement, ending, watchers) {
    const { pipeline, id } = settlement.claim
    // A claim is also lost when it was settled by a write that failed and is in the file all the same.
    watchers.changed(pipeline, id, ending && { settlement, ending })
    if (ending?.unblocked === true) watchers.work(pipeline)
  },
  release({ claim }, done, watchers) {
    if (!done) return
    watchers.changed(claim.pipeline, claim.id)
    watchers.work(claim.pipeline)
  },
  cancel({ pipeline, id }, ending, watchers) {
    if (typeof ending !== 'object') return
    watchers.changed(pipeline, id)
    if (ending.unblocked) watchers.work(pipeline)
  },
  replay({ request }, { kind }, watchers) {
    if (kind === 'replayed') tellWork(request, watchers)
  }
}

/** Tells the watchers what an operation that was done has changed. */
export function tellWatchers<Name extends OperationName>(
  name: Name,
  input: Operations[Name][0],
  value: Operations[Name][1],
  watchers: RequestWatchers
): void {
  const announcement: Announcements[Name] = announcements[name]
  announcement?.(input, value, watchers)
}

function tellWork(request: StoredRequest | undefined, watchers: RequestWatchers): void {
  if (request !== undefined) watchers.work(request.pipeline)
}
