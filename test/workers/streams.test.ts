import { expect, it } from 'vitest'
import { startEventSource } from '../stored/event-source.ts'
import { startStreamingStep } from '../helpers/streaming-step.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { accept, many, startWorkers } from './gateway-with-workers.ts'

/** Connections that ask for one request: one of two workers gets none of them once in sixty thousand times. */
const asks = 16

it('a stream that one worker takes is followed at each of them, and so are the steps that run', async () => {
  await using model = await startStreamingStep(['data: a\n\n', 'data: b\n\n'])
  await using gateway = await startWorkers({ steps: [{ name: 'model', uri: model.step.url }] })
  const path = await accept(gateway, 1)
  await model.step.waitForRequests(1)
  const states = await many(asks, () => gateway.call(path))
  for (const state of states) expect(state.json()).toMatchObject({ step: 'model', steps: [{ status: 'running' }] })
  await using followers = new AsyncDisposableStack()
  const sources = await many(asks, async () => followers.use(await startEventSource(`${gateway.url}${path}/events`)))
  model.openAll()
  for (const source of sources) {
    await source.ended()
    expect([source.text('chunk'), source.events.at(-1)?.event]).toEqual(['data: a\n\ndata: b\n\n', 'replied'])
  }
  await waitFor(async () => (await gateway.call(`${path}/reply`)).text === 'data: a\n\ndata: b\n\n', {
    what: 'the reply'
  })
})
