import * as fc from 'fast-check'
import { expect } from 'vitest'
import type { Claim, Claimed } from '../../../src/ledger/work.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { Note } from '../../../src/ledger/record/note.ts'
import type { Settlement } from '../../../src/ledger/record/settlement.ts'
import {
  aCheckpoint,
  aMark,
  aRequest,
  cancelled,
  failed,
  filtered,
  longLease,
  replied,
  shortLease
} from '../../helpers/ledger-requests.ts'
import { anEvent } from '../../helpers/events.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { LedgerModel, ModelRequest } from './ledger-model.ts'

const maxQueued = 4
const settlements: Readonly<Record<Settlement['status'], Settlement>> = { replied, filtered, failed, cancelled }

type Action = (model: LedgerModel, ledger: Ledger) => Promise<void>
type LedgerCommand = fc.AsyncCommand<LedgerModel, Ledger>

/** After each command everything that the ledger says is compared with the model. */
function command(name: string, action: Action): LedgerCommand {
  return {
    check: () => true,
    run: async (model, ledger) => {
      await action(model, ledger)
      await model.check(ledger)
    },
    toString: () => name
  }
}

type Commands = fc.Arbitrary<LedgerCommand>

const pick = <T>(from: readonly T[], index: number): T | undefined => from[index % Math.max(from.length, 1)]

interface AcceptParts {
  readonly priority: number
  readonly orderKey: string | undefined
  readonly key: string | undefined
  readonly claiming: boolean
}

const accept = ({ priority, orderKey, key, claiming }: AcceptParts): LedgerCommand =>
  command(`accept(${JSON.stringify({ priority, orderKey, key, claiming })})`, async (model, ledger) => {
    const deduplicationKeys = key === undefined ? [] : [key]
    const request = aRequest({ pipeline: model.pipeline, priority, orderKey, deduplicationKeys, maxQueued })
    const known = model.known(deduplicationKeys)
    const accepting = ledger.accept([request], claiming ? longLease : undefined)
    if (known !== undefined) {
      expect(await accepting).toEqual([{ kind: 'known', id: known.request.id, sameFingerprint: true }])
    } else if (model.queued() >= maxQueued) {
      await expect(accepting).rejects.toMatchObject({ code: 'QUEUE_FULL' })
    } else {
      await model.add(ledger, request, (await accepting)[0], claiming)
    }
  })

const claim = (limit: number): LedgerCommand =>
  command(`claim(${limit})`, async (model, ledger) => {
    const claimable = model.claimable()
    const ranks = claimable.map(({ rank }) => rank).toSorted((a, b) => a - b)
    const claims = await ledger.claim(model.pipeline, limit, longLease)
    expect(claims.map(({ id }) => model.get(id).rank)).toEqual(ranks.slice(0, limit))
    expect(claims.every(({ id }) => claimable.includes(model.get(id)))).toBe(true)
    for (const claimed of claims) model.take(claimed)
  })

/** A replica claims all that there is, and dies; another one takes over all of it. */
const crash: LedgerCommand = command('crash', async (model, ledger) => {
  const claims = await ledger.claim(model.pipeline, 1000, shortLease)
  expect(claims).toHaveLength(model.claimable().length)
  for (const claimed of claims) model.take(claimed)
  const takenOver: Claimed[] = []
  const takeOver = async (): Promise<boolean> => {
    takenOver.push(...(await ledger.claim(model.pipeline, 1000, longLease)))
    return takenOver.length >= claims.length
  }
  await waitFor(takeOver, { what: 'the claims of the dead replica' })
  expect(takenOver.map(({ id }) => id).toSorted()).toEqual(claims.map(({ id }) => id).toSorted())
  for (const claimed of takenOver) model.take(claimed)
})

const onHeld = (
  name: string,
  index: number,
  write: (held: Claim, model: LedgerModel, ledger: Ledger) => Promise<void>
) =>
  command(`${name}(${index})`, async (model, ledger) => {
    const held = pick(model.held(), index)
    if (held !== undefined) await write(held, model, ledger)
  })

const renew = (index: number): LedgerCommand =>
  onHeld('renew', index, async (held, model, ledger) => {
    const stale = model.staleClaims.slice(-3)
    expect(await ledger.renew([held, ...stale], longLease.leaseMs)).toEqual(stale)
  })

interface CheckpointParts {
  readonly path: string
  readonly next: string
  readonly clears: boolean
}

const checkpoint = (index: number, parts: CheckpointParts): LedgerCommand =>
  onHeld(`checkpoint ${JSON.stringify(parts)}`, index, async (held, model, ledger) => {
    const { path, next, clears } = parts
    expect(await ledger.checkpoint(held, { path, mark: aMark({ next }), clears })).toBe(true)
    const { marks } = model.get(held.id)
    const below = path === '' ? '' : `${path}/`
    if (clears) for (const other of marks.keys()) if (other !== path && other.startsWith(below)) marks.delete(other)
    marks.set(path, next)
  })

const head = { attributes: anEvent().attributes, data: undefined }

/** Pieces come in order; one may come again, since its sender did not hear that it was taken. */
const append = (index: number, text: string, again: boolean): LedgerCommand =>
  onHeld(`append ${JSON.stringify({ text, again })}`, index, async (held, model, ledger) => {
    const entry = model.get(held.id)
    const before = entry.stream?.token === held.token ? entry.stream : undefined
    const stream = before ?? { run: (entry.stream?.run ?? 0) + 1, token: held.token, octets: '' }
    const piece = { offset: stream.octets.length, octets: Buffer.from(text), head }
    expect(await ledger.appendPiece(held, piece)).toBe(stream.run)
    if (again) expect(await ledger.appendPiece(held, piece)).toBe(stream.run)
    entry.stream = { ...stream, octets: stream.octets + text }
  })

/** By the last run of a request. */
const tell = (index: number, note: Note): LedgerCommand =>
  command(`tell(${index}, ${JSON.stringify(note)})`, async (model, ledger) => {
    const entry = pick(
      model.in('ready', 'delayed', 'claimed', 'cancelled').filter(({ token }) => token > 0),
      index
    )
    if (entry === undefined) return
    const claim = { pipeline: model.pipeline, id: entry.request.id, token: entry.token }
    const isTold = model.mayTell(claim)
    expect(await ledger.tell(claim, note)).toBe(isTold)
    if (isTold) entry.note = { ...note, token: claim.token }
  })

const settle = (index: number, status: Settlement['status']): LedgerCommand =>
  onHeld(`settle ${status}`, index, async (held, model, ledger) => {
    expect(await ledger.settle(held, settlements[status])).toBe(true)
    model.end(model.get(held.id), status)
  })

interface ReleaseParts {
  readonly delayed: boolean
  readonly spent: boolean
  readonly note: Note | undefined
}

const release = (index: number, { delayed, spent, note }: ReleaseParts): LedgerCommand =>
  onHeld(`release ${JSON.stringify({ delayed, spent, note })}`, index, async (held, model, ledger) => {
    expect(await ledger.release(held, { delayMs: delayed ? 3_600_000 : 0, spent, note })).toBe(true)
    const entry = model.get(held.id)
    model.lose(entry)
    entry.note = note && { ...note, token: held.token }
    entry.state = delayed ? 'delayed' : 'ready'
    if (!spent) entry.deliveries -= 1
  })

const cancel = (index: number): LedgerCommand =>
  command(`cancel(${index})`, async (model, ledger) => {
    const entry = pick([...model.requests.values()], index)
    if (entry === undefined) return
    const open = model.in('ready', 'delayed', 'claimed').includes(entry)
    expect(await ledger.cancel(model.pipeline, entry.request.id)).toBe(open ? 'cancelled' : 'settled')
    if (open) model.end(entry, 'cancelled')
  })

/** An owner that does not know yet that it lost its claim goes on writing. */
const writeStale = (index: number): LedgerCommand =>
  command(`writeStale(${index})`, async (model, ledger) => {
    const stale = pick(model.staleClaims, index)
    if (stale === undefined) return
    expect(await ledger.checkpoint(stale, aCheckpoint())).toBe(false)
    expect(await ledger.appendPiece(stale, { offset: 0, octets: Buffer.from('late'), head })).toBeUndefined()
    expect(await ledger.settle(stale, replied)).toBe(false)
    expect(await ledger.release(stale, { delayMs: 0, spent: false })).toBe(false)
    if (!model.mayTell(stale)) expect(await ledger.tell(stale, { waiting: undefined, steps: [] })).toBe(false)
  })

const replay = (index: number): LedgerCommand =>
  command(`replay(${index})`, async (model, ledger) => {
    const entry = pick(model.in('failed'), index)
    if (entry === undefined) return
    const request = aRequest({ pipeline: model.pipeline, replayOf: entry.request.id, maxQueued })
    const answering = ledger.deadLetters.replay(entry.request.id, request)
    const existing = standingReplay(entry)
    if (existing !== undefined) expect(await answering).toEqual({ id: existing.request.id, repeated: true })
    else if (model.queued() >= maxQueued) await expect(answering).rejects.toMatchObject({ code: 'QUEUE_FULL' })
    else {
      expect(await answering).toEqual({ id: request.id, repeated: false })
      entry.replayedAs = await model.add(ledger, request, undefined, false)
    }
  })

const standingReplay = ({ replayedAs }: ModelRequest): ModelRequest | undefined =>
  replayedAs?.state === 'failed' ? standingReplay(replayedAs) : replayedAs

const index = fc.nat(20)

const acceptAny = fc
  .record({
    priority: fc.constantFrom(0, 5, 9),
    orderKey: fc.constantFrom(undefined, undefined, 'a', 'b'),
    key: fc.constantFrom(...Array<undefined>(8).fill(undefined), 'k1', 'k2'),
    claiming: fc.boolean()
  })
  .map(accept)
const claimAny = fc.integer({ min: 1, max: 4 }).map(claim)
const settleAny = fc
  .tuple(index, fc.constantFrom('replied', 'replied', 'filtered', 'failed', 'failed', 'cancelled'))
  .map(([i, status]) => settle(i, status))
const step = { name: 'a', path: 'a', attempts: 1, startedAt: 1_700_000_000_000, finishedAt: undefined }
const noteAny: fc.Arbitrary<Note> = fc.record({
  waiting: fc.constantFrom(undefined, { reason: 'breaker', since: 1, until: undefined, lastError: undefined }),
  steps: fc.constantFrom<Note['steps'][]>([], [{ ...step, status: 'running' }], [{ ...step, status: 'held' }])
})
const releaseAny = fc
  .tuple(index, fc.record({ delayed: fc.boolean(), spent: fc.boolean(), note: fc.option(noteAny, { nil: undefined }) }))
  .map(([i, parts]) => release(i, parts))
const tellAny = fc.tuple(index, noteAny).map(([i, note]) => tell(i, note))

const checkpointAny = fc
  .tuple(
    index,
    fc.record({
      path: fc.constantFrom('', '', 'fan/left', 'fan/right', 'fan/left/in/deep', 'fan/left-wing'),
      next: fc.constantFrom('a', 'b', 'c'),
      clears: fc.boolean()
    })
  )
  .map(([i, parts]) => checkpoint(i, parts))
const appendAny = fc
  .tuple(index, fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' }), fc.boolean())
  .map(([i, text, again]) => append(i, text, again))

/** Everything that replicas, callers and operators do, in any order; what is there more than once happens more often. */
export const ledgerCommands = fc.commands(
  [
    ...Array<Commands>(4).fill(acceptAny),
    ...Array<Commands>(2).fill(claimAny),
    ...Array<Commands>(3).fill(settleAny),
    ...Array<Commands>(2).fill(index.map(replay)),
    releaseAny,
    index.map(renew),
    ...Array<Commands>(2).fill(checkpointAny),
    appendAny,
    tellAny,
    index.map(writeStale),
    index.map(cancel),
    fc.constant(crash)
  ],
  { maxCommands: 100, size: 'max' }
)
