import { Agent, request } from 'undici'
import { setTimeout as delay } from 'node:timers/promises'
import { startGateway } from '../../src/gateway.ts'
import { api, pathOf, statusWhen } from '../control/apis.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

export interface PauseStormOptions {
  /** Requests that are to be accepted at least. */
  readonly accepted: number
  readonly pauses: number
  /** Processes of each replica that take requests. */
  readonly workers?: number
}

export interface PauseStormFigures {
  readonly accepted: number
  /** By status, how many accepted requests ended so. */
  readonly ended: Readonly<Record<string, number>>
  /** Calls of the step for a request that was called for before; each is of one that was put back. */
  readonly repeated: number
  /** Synchronous calls: 200, 503 with PAUSED and Retry-After, and all else. */
  readonly sync: { readonly replied: number; readonly paused: number; readonly others: readonly string[] }
  /** Of each pause: whether a slow request was in it, and what both replicas said. */
  readonly drained: readonly { readonly slow: boolean; readonly said: readonly boolean[] }[]
}

const graceSeconds = 1

/** Callers of two replicas on one Redis, while their pipeline is paused and resumed. */
export async function pauseUnderLoad({
  accepted: wanted,
  pauses,
  workers = 1
}: PauseStormOptions): Promise<PauseStormFigures> {
  await using redis = await startRedis()
  const known = new Set<unknown>()
  await using step = await startStep(async ({ headers }) => {
    const isNew = !known.has(headers['ce-id'])
    known.add(headers['ce-id'])
    if (headers['x-slow'] !== undefined && isNew) await delay(graceSeconds * 3_000)
    return { body: '{}' }
  })
  await using folder = await createTempFolder()
  const lifecycle = { pauseGracePeriodSeconds: graceSeconds }
  const spec = { lifecycle, headers: { propagate: ['x-slow'] } }
  const file = await folder.write('a.json', definitionText('a', [step.url], spec))
  const start = () => startGateway(testConfig({ files: [file], store: redis.url, workers }))
  await using one = await start()
  await using other = await start()
  const agent = new Agent({ connections: 16 })
  const over = new AbortController()
  const links: string[] = []
  const sync = { replied: 0, paused: 0, others: [] as string[] }
  const post = async (url: string, headers: Record<string, string> = {}) => {
    const answer = await request(`${url}/default/a`, { method: 'POST', body: '{}', headers, dispatcher: agent })
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
  }
  const acceptAll = async (url: string): Promise<void> => {
    while (!over.signal.aborted || links.length < wanted) {
      const { status, headers, text } = await post(url, { prefer: 'respond-async' })
      if (status === 202) links.push(String(headers['location']))
      else if (!isStarved(text)) sync.others.push(`respond-async: ${status} ${text}`)
      await delay(2)
    }
  }
  const callAll = async (url: string): Promise<void> => {
    while (!over.signal.aborted) {
      const { status, headers, text } = await post(url)
      if (status === 200) sync.replied++
      else if (status === 503 && text.includes('"PAUSED"') && headers['retry-after'] !== undefined) sync.paused++
      else sync.others.push(`${status} ${text}`)
      await delay(5)
    }
  }
  const calls = [one, other].flatMap(({ url }) => [acceptAll(url), acceptAll(url), callAll(url), callAll(url)])
  const callers = Promise.all(calls)
  // The failure that ends the storm before its time is told, and not what that does to the callers.
  callers.catch(() => over.abort())
  const drained: { slow: boolean; said: boolean[] }[] = []
  for (let i = 0; i < pauses; i++) {
    await delay(300)
    const slow = i % 2 === 1
    if (slow) {
      const before = step.requests.filter(({ headers }) => headers['x-slow'] !== undefined).length
      const { headers } = await post(one.url, { prefer: 'respond-async', 'x-slow': '1' })
      links.push(String(headers['location']))
      await waitFor(() => step.requests.filter(({ headers }) => headers['x-slow'] !== undefined).length > before, {
        what: 'the slow request'
      })
    }
    await setPhase(i % 3 === 0 ? other : one, 'Paused')
    const said: boolean[] = []
    for (const replica of [one, other]) {
      said.push((await statusWhen(replica, 'a', ({ phase }) => phase === 'Paused', 'pause')).drainedOnPause)
    }
    drained.push({ slow, said })
    await setPhase(i % 3 === 1 ? other : one, 'Running')
    for (const replica of [one, other]) await statusWhen(replica, 'a', ({ phase }) => phase === 'Running', 'resumption')
  }
  over.abort()
  await callers
  const ended: Record<string, number> = {}
  for (const link of links) {
    const document = await waitFor(
      async () => {
        const answer = await request(one.url + link, { headers: { prefer: 'wait=30' }, dispatcher: agent })
        const body = (await answer.body.json()) as { status: string; finishedAt?: string }
        return body.finishedAt !== undefined && body
      },
      { what: `the end of ${link}` }
    )
    ended[document.status] = (ended[document.status] ?? 0) + 1
  }
  await agent.destroy()
  return { accepted: links.length, ended, repeated: repeatsOf(step.requests), sync, drained }
}

/** A server of Redis that gets no processor answers late; that is told, and nothing was accepted. */
const isStarved = (text: string): boolean => text.includes('"STORE_UNAVAILABLE"')

/** Calls with an id that was called before; a slow one is called again on purpose. */
function repeatsOf(requests: readonly { readonly headers: Readonly<Record<string, unknown>> }[]): number {
  const seen = new Set<unknown>()
  let repeats = 0
  for (const { headers } of requests) {
    if (headers['x-slow'] !== undefined) continue
    if (seen.has(headers['ce-id'])) repeats++
    seen.add(headers['ce-id'])
  }
  return repeats
}

/** As a person does, who tries again while the store does not answer. */
async function setPhase(gateway: Parameters<typeof api>[0], desiredPhase: string): Promise<void> {
  const lifecycle = { desiredPhase, pauseGracePeriodSeconds: graceSeconds }
  await waitFor(
    async () => {
      const { status, body } = await api(gateway, 'PATCH', pathOf('a'), { spec: { lifecycle } })
      if (status !== 200 && body.code !== 'STORE_UNAVAILABLE')
        throw new Error(`${desiredPhase}: ${status} ${body.detail}`)
      return status === 200
    },
    { what: `the command ${desiredPhase}` }
  )
}
