import { describe, expect, it } from 'vitest'
import { watchEvents } from '../../src/cli/commands/watch-events.ts'
import { freePort } from '../helpers/loopback.ts'
import { startStep, type ScriptedAnswer, type StepServer } from '../helpers/step-server.ts'

const contentType = { 'content-type': 'text/event-stream' }
const running = { id: 'an-id', status: 'running', step: 'slow' }
const replied = { id: 'an-id', status: 'replied', finishedAt: '2026-11-22T00:00:00Z' }

const event = (version: number, document: { readonly status: string }, end = '\n'): string =>
  [`id: ${version}`, `event: ${document.status}`, `data: ${JSON.stringify(document)}`, '', ''].join(end)

const stream = (...events: readonly string[]): ScriptedAnswer => ({ headers: contentType, body: events.join('') })

/** The events of these answers as a watcher sees them, and the lines that its user is told meanwhile. */
async function watch(gateway: Pick<StepServer, 'url'>): Promise<{ seen: unknown[]; told: string[] }> {
  const told: string[] = []
  const seen: unknown[] = []
  const tell = (message: string): void => void told.push(message)
  for await (const document of watchEvents(gateway.url, new Headers(), tell)) seen.push(document)
  return { seen, told }
}

const lastEventIds = ({ requests }: StepServer): unknown[] => requests.map(({ headers }) => headers['last-event-id'])

describe('watching a request', () => {
  it('goes on after the last event when the stream ends early', async () => {
    await using gateway = await startStep(stream(': hello\n\n', event(2, running)), stream(event(3, replied)))
    const { seen, told } = await watch(gateway)
    expect(seen).toEqual([running, replied])
    expect(told).toEqual([expect.stringContaining('ended before the request did')])
    expect(lastEventIds(gateway)).toEqual([undefined, '2'])
  })

  it('goes on when the connection breaks', async () => {
    async function* broken() {
      yield event(2, running)
      throw new Error('the model is cut off')
    }
    await using gateway = await startStep({ headers: contentType, body: broken() }, stream(event(3, replied)))
    expect((await watch(gateway)).seen).toEqual([running, replied])
    expect(lastEventIds(gateway)).toEqual([undefined, '2'])
  })

  it('waits for a gateway that says when to ask again', async () => {
    const away = { status: 503, headers: { 'retry-after': '1' } }
    await using gateway = await startStep(away, stream(event(2, running)), away, stream(event(3, replied)))
    expect((await watch(gateway)).seen).toEqual([running, replied])
    expect(gateway.requests).toHaveLength(4)
  })

  it('reads events with any ends of lines', async () => {
    await using gateway = await startStep(stream(event(2, running, '\r\n'), event(3, replied, '\r')))
    expect((await watch(gateway)).seen).toEqual([running, replied])
  })

  it('is over when there is nothing more', async () => {
    await using gateway = await startStep(stream(event(2, running)), 204)
    expect((await watch(gateway)).seen).toEqual([running])
  })

  it('says what the gateway refuses', async () => {
    await using gateway = await startStep(stream(event(2, running)), { status: 410, body: 'gone' })
    await expect(watch(gateway)).rejects.toThrow('answered 410\ngone')
  })

  it('says at once that nobody is there', async () => {
    await expect(watch({ url: `http://127.0.0.1:${await freePort()}` })).rejects.toThrow('cannot be reached')
  })
})
