import { request } from 'undici'

/** Callers post this, about 1 KB of JSON. */
export const requestBody = JSON.stringify({ text: 'The quick brown fox jumps over the lazy dog. '.repeat(22) })

/** Calls a chain once: what answers anything but a 200 with the model's JSON is not worth measuring. */
export async function callChain(url: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const { statusCode, body } = await request(url, { method: 'POST', headers, body: requestBody })
  const answer = await body.text()
  if (statusCode === 200 && answer.startsWith('{"label":"positive"')) return
  throw new Error(`${url} answered ${statusCode}: ${answer.slice(0, 1000)}`)
}
