import { jsonAnswer, type Answer } from '../http/answer.ts'

/** The parts of a page: one record more than it shows, if there are more. */
export interface PageRecords<T> {
  readonly found: readonly T[]
  readonly limit: number
  readonly idOf: (record: T) => string
}

/** `{items, next}`: `next` is what the next page gives as `after`, and null on the last one. */
export function pageAnswer<T>({ found, limit, idOf }: PageRecords<T>, document: (record: T) => unknown): Answer {
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  const next = found.length > limit && last !== undefined ? idOf(last) : null
  return jsonAnswer(200, { items: shown.map(document), next })
}
