import type { Claim } from '../../work.ts'
import { state } from './request-state.ts'
import type { Session } from './session.ts'

export interface OpenRequest {
  readonly seq: number
  readonly pipeline: number
  readonly id: string
  readonly state: number
  readonly rank: number
  readonly order_key: string | null
  readonly ttl: number
  readonly replay_of: string | null
  readonly version: number
}

/** The columns of an open request. */
export const openColumns = 'seq, pipeline, id, state, rank, order_key, ttl, replay_of, version'

/** The request of a claim that is still held: the fence. */
export function held(session: Session, { pipeline, id, token }: Claim): OpenRequest | undefined {
  return session.database.row<OpenRequest>(
    `SELECT ${openColumns} FROM requests WHERE pipeline = ? AND id = ? AND token = ? AND state = ${state.claimed}`,
    session.find(pipeline)?.no,
    id,
    token
  )
}
