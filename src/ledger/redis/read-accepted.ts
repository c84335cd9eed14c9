import type { Accepted, Claimed } from '../ledger.ts'
import { readStoredRecord } from '../stored-record.ts'
import type { EncodedRequest } from './encoded-request.ts'
import { decodeName } from './key-name.ts'
import { readList, readNumber, readText } from './reply.ts'

/** What `acceptScript` answers for one request. */
export function readAccepted(reply: unknown, encoded: EncodedRequest): Accepted {
  const [kind, knownId, detail] = readList(reply)
  const id = decodeName(readText(knownId))
  switch (readText(kind)) {
    case 'known':
      return { kind: 'known', id, sameFingerprint: detail === 1 }
    case 'claimed':
      return { kind: 'accepted', id, claimed: readClaimed(readList(detail).map(readNumber), encoded) }
    default:
      return { kind: 'accepted', id, claimed: undefined }
  }
}

/** The request need not come back over the wire to be claimed: only what Redis added does. */
function readClaimed(added: readonly number[], { id, pipeline, content, progress }: EncodedRequest): Claimed {
  const [version = 0, token = 0, acceptedAt = 0] = added
  const record = readStoredRecord({
    id,
    pipeline,
    status: 'running',
    version,
    deliveries: 1,
    acceptedAt,
    finishedAt: undefined,
    request: content,
    progress,
    settlement: undefined
  })
  return { pipeline, id, token, takenOver: false, record }
}
