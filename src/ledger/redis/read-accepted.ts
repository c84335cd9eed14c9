import type { Accepted, Claimed, NewRequest } from '../ledger.ts'
import { createRecord } from '../stored-record.ts'
import { decodeName } from './key-name.ts'
import { readList, readNumber, readText } from './reply.ts'

/** What `acceptScript` answers for one request. */
export function readAccepted(reply: unknown, request: NewRequest): Accepted {
  const [kind, knownId, ...details] = readList(reply)
  const id = decodeName(readText(knownId))
  switch (readText(kind)) {
    case 'known':
      return { kind: 'known', id, sameFingerprint: details[0] === 1 }
    case 'claimed':
      return { kind: 'accepted', id, claimed: readClaimed(details.map(readNumber), request) }
    default:
      return { kind: 'accepted', id, claimed: undefined }
  }
}

/** The request need not come back over the wire to be claimed: only what Redis added does. */
function readClaimed(added: readonly number[], request: NewRequest): Claimed {
  const { id, pipeline, progress } = request
  const [version = 0, token = 0, acceptedAt = 0] = added
  const state = { id, pipeline, status: 'running', version, deliveries: 1, acceptedAt, finishedAt: undefined } as const
  return { pipeline, id, token, takenOver: false, record: createRecord(request, state, progress, undefined) }
}
