import type { RequestRecord } from '../ledger/record/request-record.ts'

/** Whether a request has come to its end. */
export const isFinished = ({ status }: RequestRecord): boolean => status !== 'accepted' && status !== 'running'
