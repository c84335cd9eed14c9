import { randomUUID } from 'node:crypto'
import type { Mark, Place } from '../../src/ledger/record/mark.ts'
import { rootPath } from '../../src/pipeline/paths.ts'
import type { Accepted } from '../../src/ledger/acceptance.ts'
import type { Checkpoint, Claimed, Lease } from '../../src/ledger/work.ts'
import type { Failure, Settlement } from '../../src/ledger/record/settlement.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { NewRequest } from '../../src/ledger/record/new-request.ts'
import type { RequestRecord } from '../../src/ledger/record/request-record.ts'
import type { StepRecord } from '../../src/ledger/record/step-record.ts'
import { anEvent } from './events.ts'

/** A lease that outlives every test. */
export const longLease: Lease = { owner: 'replica-1', leaseMs: 60_000 }

/** A lease that runs out while a test waits for it. */
export const shortLease: Lease = { owner: 'replica-that-dies', leaseMs: 60 }

let lastId = 0

/** An id in the form of a UUIDv7, greater than the ones before. */
function nextId(): string {
  lastId = Math.max(lastId + 1, Date.now())
  const time = lastId.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

/** A request to accept, apart from what the test says; ids grow in the order of the calls. */
export function aRequest(parts: Partial<NewRequest> = {}): NewRequest {
  return {
    id: nextId(),
    pipeline: 'default/comments',
    generation: 1,
    event: anEvent(),
    headers: [],
    priority: 5,
    orderKey: undefined,
    eventTime: undefined,
    deduplicationKeys: [],
    fingerprint: 'fingerprint-1',
    ttlMs: 3_600_000,
    maxQueued: 100_000,
    marks: new Map(),
    replayOf: undefined,
    traceId: undefined,
    deadline: undefined,
    ...parts
  }
}

/** A record, apart from what the test says: that of a request which failed at its second step. */
export function aRecord(parts: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: 'request-1',
    pipeline: 'default/comments',
    generation: 1,
    status: 'failed',
    version: 4,
    event: anEvent(),
    headers: ['x-request-id', 'request-1'],
    priority: 7,
    orderKey: 'key-1',
    eventTime: 1_700_000_000_000,
    deliveries: 1,
    acceptedAt: 1_700_000_000_000,
    finishedAt: 1_700_000_001_000,
    marks: new Map(),
    waiting: undefined,
    told: undefined,
    stream: undefined,
    deadline: undefined,
    steps: [aVisit()],
    reply: undefined,
    filteredBy: undefined,
    failure: aFailure(),
    replayOf: undefined,
    traceId: 'a'.repeat(32),
    ...parts
  }
}

/** One visit of a step that replied. */
export function aVisit(name = 'filter'): StepRecord {
  return {
    name,
    path: name,
    status: 'replied',
    attempts: 1,
    startedAt: 1_700_000_000_000,
    finishedAt: 1_700_000_000_020
  }
}

/** The place of the second step, which gets what the first one gave. */
const aPlace = (parts: Partial<Place> = {}): Place => ({
  next: 'sentiment',
  index: 1,
  event: anEvent({ id: 'event-1.filter' }),
  replies: new Map(),
  ended: undefined,
  ...parts
})

/** The mark after the first step. */
export const aMark = (parts: Partial<Mark> = {}): Mark => ({ ...aPlace(), steps: [aVisit()], delivery: 1, ...parts })

/** The mark of the root, unless the test says otherwise. */
export const aCheckpoint = (parts: Partial<Mark> = {}, where: Partial<Checkpoint> = {}): Checkpoint => ({
  path: rootPath,
  mark: aMark(parts),
  clears: false,
  ...where
})

/** The marks of a request that has only its root under way. */
export const rootMarks = (parts: Partial<Mark> = {}): ReadonlyMap<string, Mark> => new Map([[rootPath, aMark(parts)]])

/** Where a request failed that has only its root. */
export const rootPlaces = (parts: Partial<Place> = {}): Failure['places'] => new Map([[rootPath, aPlace(parts)]])

export function aFailure(parts: Partial<Failure> = {}): Failure {
  return {
    code: 'STEP_FAILED',
    message: 'step sentiment of default/comments answered 500',
    step: 'sentiment',
    path: 'sentiment',
    attempts: 4,
    upstreamStatus: 500,
    upstreamBody: undefined,
    deliveries: undefined,
    places: rootPlaces(),
    ...parts
  }
}

export const replied: Settlement = { status: 'replied', reply: anEvent({ id: 'reply-1' }), steps: [aVisit()] }
export const filtered: Settlement = { status: 'filtered', step: 'filter', steps: [aVisit()] }
export const cancelled: Settlement = { status: 'cancelled', steps: [aVisit()] }
export const failed: Settlement = { status: 'failed', failure: aFailure(), steps: [aVisit()] }

/** Accepts one request and claims it in the same write. */
export async function acceptClaimed(ledger: Ledger, request: NewRequest, lease = longLease): Promise<Claimed> {
  const [accepted] = await ledger.accept([request], lease)
  return claimedOf(accepted)
}

/** The claim that an accept answered for a request which did not have to wait. */
export function claimedOf(accepted: Accepted | undefined): Claimed {
  if (accepted?.kind !== 'accepted' || accepted.claimed === undefined) {
    throw new Error(`expected a claimed request, got ${JSON.stringify(accepted)}`)
  }
  return accepted.claimed
}

/** The record; fails when there is none. */
export async function readRecord(
  ledger: Ledger,
  { pipeline, id }: Pick<NewRequest, 'pipeline' | 'id'>
): Promise<RequestRecord> {
  const record = await ledger.read(pipeline, id)
  if (record === undefined || record === 'expired') throw new Error(`expected a record, got ${record}`)
  return record
}

/** A dead letter, as its id. */
export async function aDeadLetter(ledger: Ledger, request = aRequest(), failure = aFailure()): Promise<string> {
  const claim = await acceptClaimed(ledger, request)
  await ledger.settle(claim, { status: 'failed', failure, steps: [aVisit()] })
  return request.id
}
