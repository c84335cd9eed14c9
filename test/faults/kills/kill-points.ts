import type { CrashPoint } from './crash-at.ts'
import type { End, Place } from './counted-places.ts'

/** A moment in the life of a request at which its gateway is killed, and what the world has seen when all is over. */
export interface KillPoint {
  readonly name: string
  /** The run that is killed: the first of the request, or that of its replay after it has failed. */
  readonly during: 'request' | 'replay'
  readonly end: End
  readonly at: CrashPoint
  readonly calls: Readonly<Record<Place, number>>
  /** At most, of the request or of its replay: one that was just claimed counts. */
  readonly deliveries: number
}

type Moment = 'before' | 'after'

const at = (moment: Moment, operation: string, nth = 1): CrashPoint => ({ operation, moment, nth })

/** In the order of the way. */
const seen = (filter: number, model: number, reply: number, sink: number) => ({ filter, model, reply, sink })

const request = (
  name: string,
  point: CrashPoint,
  deliveries: number,
  calls: KillPoint['calls'],
  end: End = 'replied'
) => ({ name, during: 'request', end, at: point, deliveries, calls }) satisfies KillPoint

/** The request has failed at the model before, and its sink has got it. */
const replay = (name: string, point: CrashPoint, deliveries: number, calls: KillPoint['calls']) =>
  ({ name, during: 'replay', end: 'failed', at: point, deliveries, calls }) satisfies KillPoint

/**
 * Where there is least between a promise and its breach. At most what ran is called once more: the step whose checkpoint
 * was not written, or the place after the last one.
 */
export const narrowPoints: readonly KillPoint[] = [
  request('after it is accepted, before its 202', at('after', 'accept'), 2, seen(1, 1, 1, 0)),
  request("after a step's answer, before its checkpoint", at('before', 'checkpoint'), 2, seen(2, 1, 1, 0)),
  request('after the reply was sent, before it is settled', at('before', 'settle'), 2, seen(1, 1, 2, 0)),
  request(
    'after the dead letter was sent, before it is settled',
    at('before', 'settle'),
    2,
    seen(1, 2, 0, 2),
    'failed'
  ),
  request('after the dead letter is settled', at('after', 'settle'), 1, seen(1, 1, 0, 1), 'failed'),
  replay('after a replay is accepted', at('after', 'deadLetters.replay'), 2, seen(1, 2, 1, 1)),
  replay("after a replay's reply was sent, before it is settled", at('before', 'settle'), 2, seen(1, 2, 2, 1))
]

export const killPoints: readonly KillPoint[] = [
  ...narrowPoints,
  request('before the request is accepted', at('before', 'accept'), 1, seen(1, 1, 1, 0)),
  request('after a checkpoint', at('after', 'checkpoint'), 2, seen(1, 1, 1, 0)),
  request("after the last step's answer, before its checkpoint", at('before', 'checkpoint', 2), 2, seen(1, 2, 1, 0)),
  request('after the last checkpoint', at('after', 'checkpoint', 2), 2, seen(1, 1, 1, 0)),
  request('after it is settled', at('after', 'settle'), 1, seen(1, 1, 1, 0)),
  request('before it is settled as filtered', at('before', 'settle'), 2, seen(2, 0, 0, 0), 'filtered'),
  request('after it is settled as filtered', at('after', 'settle'), 1, seen(1, 0, 0, 0), 'filtered'),
  replay('before a replay is accepted', at('before', 'deadLetters.replay'), 1, seen(1, 2, 1, 1)),
  replay("after a replayed step's answer, before its checkpoint", at('before', 'checkpoint'), 2, seen(1, 3, 1, 1)),
  replay('after a replay is settled', at('after', 'settle'), 1, seen(1, 2, 1, 1))
]
