import type { Accepted } from '../acceptance.ts'
import type { Claimed } from '../work.ts'
import type { NewRequest } from '../record/new-request.ts'
import { noNote } from '../record/note.ts'
import { createRecord } from '../record/stored-record.ts'
import { decodeName } from './key-name.ts'
import { readText } from './read-reply.ts'

/** The answer of `acceptScript` for one group of requests. */
export interface AcceptedGroup {
  /** Milliseconds since the epoch, on the clock of Redis. */
  readonly acceptedAt: number
  /** A word for each request, or `full` and how many wait. */
  readonly words: readonly string[]
}

/** Whether `acceptScript` wants to be sure that the index has the pipeline. */
export const isUnlisted = (reply: unknown): boolean => readText(reply) === 'unlisted'

/** The other answers of `acceptScript`. */
export function readAcceptedGroups(reply: unknown): readonly AcceptedGroup[] {
  const [acceptedAt, ...lines] = readText(reply).split('\n')
  return lines.map(line => ({ acceptedAt: Number(acceptedAt), words: line.split(' ') }))
}

/** How many wait, when that is too many for the group. */
export function readQueueFull({ words: [kind, waiting] }: AcceptedGroup): number | undefined {
  return kind === 'full' ? Number(waiting) : undefined
}

/** The answer for each request of the group. */
export function readAccepted({ acceptedAt, words }: AcceptedGroup, requests: readonly NewRequest[]): Accepted[] {
  return requests.map((request, i) => readWord(words[i] ?? '', request, acceptedAt))
}

function readWord(word: string, request: NewRequest, acceptedAt: number): Accepted {
  const { id } = request
  if (word.startsWith(claimed)) return { kind: 'accepted', id, claimed: readClaim(word, request, acceptedAt) }
  if (word === 'accepted') return { kind: 'accepted', id, claimed: undefined }
  const [kind, knownId, same] = word.split(':')
  if (kind !== 'known' || knownId === undefined) throw new TypeError(`Redis answered ${word} for a request`)
  return { kind: 'known', id: decodeName(knownId), sameFingerprint: same === '1' }
}

/** The text before the token. */
const claimed = 'claimed:'

/** The request need not come back over the wire to be claimed: only what Redis added does. */
function readClaim(word: string, request: NewRequest, acceptedAt: number): Claimed {
  const { id, pipeline, marks } = request
  const state = {
    id,
    pipeline,
    status: 'running',
    version: 2,
    deliveries: 1,
    acceptedAt,
    finishedAt: undefined,
    ...noNote,
    stream: undefined
  } as const
  const record = createRecord(request, state, marks, undefined)
  return { pipeline, id, token: Number(word.slice(claimed.length)), takenOver: false, record }
}
