import { requestStatuses, type RequestRecord } from '../record/request-record.ts'

/**
 * The words of the field `state` of a record, in their order; one that there is not is empty. As one field they cost
 * Redis much less than each as its own: less memory for the hash, less work for what looks at several.
 *
 * - `token`, `call`: of the last claim
 * - `holds`: what the hash has that goes when the request ends: `d` its data, `p` the mark of its
 *   root, `m` marks of inner sequences, `w` a note; `s`: it has a stream, in a key of its own
 * - `order`, `deduplication`: digests; those of several keys with commas between
 */
export const stateWords = [
  'status',
  'version',
  'token',
  'deliveries',
  'call',
  'acceptedAt',
  'rank',
  'ttl',
  'finishedAt',
  'holds',
  'order',
  'replayOf',
  'deduplication'
] as const

export interface StateWords extends Readonly<Record<(typeof stateWords)[number], string>> {
  readonly status: RequestRecord['status']
}

/** Throws on what no script has written. */
export function readStateWords(text: string): StateWords {
  const words = Object.fromEntries(text.split(' ').map((word, i) => [stateWords[i], word]))
  if (!isStateWords(words)) throw new TypeError(`a record in Redis has the state ${text}`)
  return words
}

const isStateWords = (words: Readonly<Record<string, string>>): words is StateWords & Record<string, string> =>
  stateWords.every(name => words[name] !== undefined) && statuses.has(words['status'] ?? '')

const statuses: ReadonlySet<string> = new Set(requestStatuses)
