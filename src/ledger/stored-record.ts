import { decodeProgress, decodeRequest, decodeSettlement } from './record-codec.ts'
import type { RequestRecord } from './request-record.ts'

/** A record as a store keeps it: the fields that it looks at, and the frames of `record-codec.ts`. */
export interface StoredRecord {
  readonly id: string
  readonly pipeline: string
  readonly status: RequestRecord['status']
  readonly version: number
  readonly deliveries: number
  readonly acceptedAt: number
  readonly finishedAt: number | undefined
  readonly request: Uint8Array
  readonly progress: Uint8Array | undefined
  /** Absent also when the store itself cancelled the request. */
  readonly settlement: Uint8Array | undefined
}

/** The record that the stored one stands for. */
export function readStoredRecord(stored: StoredRecord): RequestRecord {
  const { id, pipeline, status, version, deliveries, acceptedAt, finishedAt } = stored
  const request = decodeRequest(stored.request)
  const progress = stored.progress && decodeProgress(stored.progress)
  const settlement = stored.settlement && decodeSettlement(stored.settlement)
  return {
    ...request,
    eventTime: request.eventTime ?? acceptedAt,
    id,
    pipeline,
    status,
    version,
    deliveries,
    acceptedAt,
    finishedAt,
    progress,
    steps: settlement?.steps ?? progress?.steps ?? [],
    reply: settlement?.status === 'replied' ? settlement.reply : undefined,
    filteredBy: settlement?.status === 'filtered' ? settlement.step : undefined,
    failure: settlement?.status === 'failed' ? settlement.failure : undefined
  }
}
