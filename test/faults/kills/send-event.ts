import type { Numbered } from './counted-places.ts'

const answerMs = 10_000

/** POSTs the event without waiting for its reply; sent again, it is the same event. */
export const sendEvent = (url: string, data: Numbered): Promise<Response> =>
  fetch(`${url}/default/test`, {
    method: 'POST',
    body: JSON.stringify(data),
    headers: {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': `event-${data.n}`,
      'ce-source': '/faults',
      'ce-type': 'dev.sluice.test',
      prefer: 'respond-async'
    },
    signal: AbortSignal.timeout(answerMs)
  })
