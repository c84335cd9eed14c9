import { SluiceError } from '../errors.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'

/** The record that is there. Throws REQUEST_NOT_FOUND or REQUEST_EXPIRED. */
export function requireRecord(record: RequestRecord | 'expired' | undefined, id: string): RequestRecord {
  if (record === undefined) throw new SluiceError('REQUEST_NOT_FOUND', `there is no request ${JSON.stringify(id)}`)
  if (record === 'expired') throw new SluiceError('REQUEST_EXPIRED', `the request ${id} was finished, and has expired`)
  return record
}
