import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { freePort } from '../helpers/loopback.ts'
import { startProcess, type RunningProcess } from '../helpers/process.ts'
import { waitFor } from '../helpers/wait-for.ts'

interface Step extends AsyncDisposable {
  readonly process: RunningProcess
  post(body: string): Promise<Response>
}

async function startExample(name: string): Promise<Step> {
  const url = `http://127.0.0.1:${await freePort()}`
  const file = fileURLToPath(new URL(`../../examples/steps/${name}.ts`, import.meta.url))
  const running = await startProcess(process.execPath, [file], { env: { ...process.env, PORT: new URL(url).port } })
  await waitFor(async () => (await fetch(`${url}/healthz`)).ok, { what: `${name} to be ready`, timeoutMs: 30_000 })
  return {
    process: running,
    post: body => fetch(url, { method: 'POST', body }),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]()
  }
}

describe('filter', () => {
  it('answers a decent comment with itself', async () => {
    await using step = await startExample('filter')
    const answer = await step.post('{"text": "Grapes on a classic bass", "author": 7}')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toEqual({ text: 'Grapes on a classic bass', author: 7 })
  })

  it('answers a profane comment with nothing', async () => {
    await using step = await startExample('filter')
    const answer = await step.post('{"text": "What bu11shit"}')
    expect(answer.status).toBe(204)
    expect(await answer.text()).toBe('')
  })
})

describe('sentiment', () => {
  it('tells friendly, plain and unfriendly comments apart', async () => {
    await using step = await startExample('sentiment')
    const sentiments = ['What a lovely day!', 'The table is brown.', 'This is horrible.'].map(async text =>
      (await step.post(JSON.stringify({ text }))).json()
    )
    expect(await Promise.all(sentiments)).toEqual([
      { text: 'What a lovely day!', sentiment: 'positive', score: expect.closeTo(0.62, 1) },
      { text: 'The table is brown.', sentiment: 'neutral', score: 0 },
      { text: 'This is horrible.', sentiment: 'negative', score: expect.closeTo(-0.54, 1) }
    ])
  })
})

describe.each(['filter', 'sentiment'])('%s', name => {
  it('says what is wrong with a request', async () => {
    await using step = await startExample(name)
    for (const body of ['', '{', 'null', '[]', '{"text": 1}', '{}']) {
      const answer = await step.post(body)
      expect([body, answer.status]).toEqual([body, 400])
      expect(await answer.json()).toEqual({ error: expect.stringContaining('send {"text": "..."}') })
    }
  })

  it('refuses a body of more than 1 MiB', async () => {
    await using step = await startExample(name)
    expect((await step.post(JSON.stringify({ text: 'x'.repeat(1024 * 1024) }))).status).toBe(413)
  })

  it('ends well at SIGTERM, also while a connection is open', async () => {
    await using step = await startExample(name)
    await (await step.post('{"text": "fine"}')).text()
    step.process.kill('SIGTERM')
    expect(await step.process.exit).toEqual({ code: 0, signal: null })
  })
})
