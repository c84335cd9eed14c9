import { once } from 'node:events'
import { EventSource } from 'eventsource'
import OpenAI, { APIError } from 'openai'
import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { startKillableGateway } from '../helpers/killable-gateway.ts'
import { startProcess } from '../helpers/process.ts'
import { residentMiB } from '../helpers/resident-memory.ts'
import { startSlowReaders } from '../helpers/slow-readers.ts'
import { startStep } from '../helpers/step-server.ts'
import { brokenOff, startStreamingStep } from '../helpers/streaming-step.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startNamedSteps } from './named-steps.ts'

/** A race whose first branch streams, and whose other one never answers. */
const race = (uri: string, slow: Record<string, unknown>) => ({
  name: 'race',
  parallel: {
    join: 'race',
    branches: [
      { name: 'model', steps: [{ name: 'model', uri }] },
      { name: 'slow', steps: [slow] }
    ]
  }
})

describe('a branch that dies in the middle of its stream is an error', () => {
  const start = async (first: string) => {
    await using opened = new AsyncDisposableStack()
    const model = opened.use(await startStreamingStep([first, brokenOff]))
    const named = opened.use(await startNamedSteps())
    named.answers('slow', 'hangs')
    const gateway = opened.use(await startTestGateway({ steps: [race(model.step.url, named.step('slow'))] }))
    const owned = opened.move()
    return { model, gateway, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  }

  it('to curl', async () => {
    await using parts = await start('data: a\n\n')
    parts.model.openAll()
    await using curl = await startProcess('curl', ['-sSN', '-d', '{}', `${parts.gateway.url}/default/test`])
    // The server closed the connection with an answer that is not whole.
    expect((await curl.exit).code).toBe(18)
    expect(curl.output.stdout).toContain('data: a\n\nevent: error\n')
  })

  it('to an EventSource', async () => {
    await using parts = await start('data: a\n\n')
    const source = new EventSource(`${parts.gateway.url}/default/test`, {
      fetch: (url, init) => fetch(url, { ...init, method: 'POST', body: '{}' })
    })
    const errors: Event[] = []
    source.addEventListener('error', event => void errors.push(event))
    parts.model.gates[0]?.open()
    await once(source, 'message')
    parts.model.openAll()
    await waitFor(() => errors.length > 0, { what: 'an error' })
    source.close()
    expect(JSON.parse(String((errors[0] as MessageEvent).data))).toMatchObject({
      code: 'STEP_BROKEN_OFF',
      path: 'race/model/model'
    })
  })

  it('to the client of OpenAI', async () => {
    const chunk = { id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Hi' } }] }
    await using parts = await start(`data: ${JSON.stringify(chunk)}\n\n`)
    parts.model.openAll()
    const client = new OpenAI({
      apiKey: 'none',
      baseURL: parts.gateway.url,
      maxRetries: 0,
      fetch: (_url, init) => fetch(`${parts.gateway.url}/default/test`, init)
    })
    const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true })
    const failure = await (async () => {
      for await (const _ of stream);
      return undefined
    })().catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(APIError)
    expect(failure).toMatchObject({ error: { code: 'STEP_BROKEN_OFF' } })
  })
})

it.runIf(process.platform === 'linux')(
  'a hundred who read a kilobyte a second of fifty megabytes leave the memory flat',
  { timeout: 60_000 },
  async () => {
    const piece = Buffer.from(`${'x'.repeat(65_535)}\n`)
    await using model = await startStep(() => {
      async function* body() {
        for (let i = 0; i < 800; i++) yield piece
      }
      return { headers: { 'content-type': 'application/x-ndjson' }, body: body() }
    })
    await using named = await startNamedSteps()
    named.answers('slow', 'hangs')
    const steps = [race(model.url, named.step('slow'))]
    await using gateway = await startKillableGateway({ steps, store: 'sqlite::memory:' })
    const { pid } = gateway.process
    const before = residentMiB(pid)
    using _ = startSlowReaders(gateway.url, { readers: 100, octets: 256, everyMs: 250 })
    await model.waitForRequests(100)
    const begun = performance.now()
    const early: number[] = []
    const late: number[] = []
    const look = (): boolean => {
      const passed = performance.now() - begun
      if (passed > 1_500) (passed < 4_000 ? early : late).push(residentMiB(pid))
      return passed > 6_500
    }
    await waitFor(look, { what: 'some seconds to pass' })
    // Octets under way wait in the buffers of the system: 5 GB are to be had.
    expect(Math.max(...early, ...late) - before).toBeLessThan(160)
    expect(Math.max(...late) - Math.max(...early)).toBeLessThan(24)
  }
)
