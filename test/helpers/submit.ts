import type { StatusDocument } from '../../src/ledger/record/status-document.ts'
import { waitFor } from './wait-for.ts'

/** A gateway, as far as its callers know it. */
interface Reachable {
  readonly url: string
}

export interface SubmitOptions {
  /** The JSON that it carries. */
  readonly data?: unknown
  readonly headers?: Record<string, string>
}

const path = '/default/test'

/** POSTs to the pipeline `test` without waiting for the reply; the id under which the request was accepted. */
export async function submit({ url }: Reachable, { data = {}, headers = {} }: SubmitOptions = {}): Promise<string> {
  const response = await fetch(url + path, {
    method: 'POST',
    body: JSON.stringify(data),
    headers: { 'content-type': 'application/json', prefer: 'respond-async', ...headers }
  })
  const body = await response.text()
  if (response.status !== 202) throw new Error(`expected 202, got ${response.status}: ${body}`)
  return JSON.parse(body).id
}

/** The same for many at once, as one batch of events; `ids` in the order of the events. */
export async function submitBatch({ url }: Reachable, events: readonly Record<string, unknown>[]): Promise<string[]> {
  const response = await fetch(url + path, {
    method: 'POST',
    body: JSON.stringify(events.map((event, i) => ({ specversion: '1.0', id: `event-${i}`, ...defaults, ...event }))),
    headers: { 'content-type': 'application/cloudevents-batch+json' }
  })
  const body = await response.text()
  if (response.status !== 202) throw new Error(`expected 202, got ${response.status}: ${body}`)
  return JSON.parse(body).items.map(({ id }: { id: string }) => id)
}

const defaults = { source: '/test', type: 'dev.sluice.test' }

/** The status document of a request of the pipeline `test`. */
export async function statusOf({ url }: Reachable, id: string): Promise<StatusDocument> {
  const response = await fetch(`${url}${path}/requests/${id}`)
  if (response.status !== 200) throw new Error(`expected the status of ${id}, got ${response.status}`)
  return (await response.json()) as StatusDocument
}

/** The same, when it has come to its end. */
export function ended(gateway: Reachable, id: string, timeoutMs?: number): Promise<StatusDocument> {
  const finished = async (): Promise<StatusDocument | false> => {
    const status = await statusOf(gateway, id)
    return status.finishedAt !== undefined && status
  }
  return waitFor(finished, { what: `the end of the request ${id}`, ...(timeoutMs !== undefined && { timeoutMs }) })
}
