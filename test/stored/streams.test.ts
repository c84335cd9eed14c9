import { describe, expect, it } from 'vitest'
import { readStreamedText } from '../helpers/streamed-text.ts'
import { brokenOff, startStreamingStep } from '../helpers/streaming-step.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startEventSource, type SeenEvent } from './event-source.ts'
import { startStoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

/** The octets that chunks tell of. */
function octetsOf(events: readonly SeenEvent[]): Buffer {
  let encoding: BufferEncoding = 'utf8'
  const octets: Buffer[] = []
  for (const { event, data } of events) {
    if (event === 'encoding') encoding = data === 'base64' ? 'base64' : 'utf8'
    if (event === 'chunk') octets.push(Buffer.from(data, encoding))
  }
  return Buffer.concat(octets)
}

const pieces = ['data: one\n\n', 'data: two\n\n', 'data: three\n\n']
const whole = pieces.join('')

describe.each(storeKinds)('the stream of a stored request on %s', kind => {
  const newStore = storesOf(kind)

  it('can be fetched and followed while it comes, and is the reply when it has ended', async () => {
    await using model = await startStreamingStep(pieces)
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'model', uri: model.step.url }] })
    const { id, links } = await gateway.accept()
    await model.step.waitForRequests(1)
    expect((await gateway.call(links.reply)).status).toBe(202)
    model.gates[0]?.open()
    const answer = await waitFor(
      async () => {
        const tried = await gateway.call(links.reply)
        return tried.status === 200 && tried
      },
      { what: 'the stream to begin' }
    )
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    expect(answer.headers.get('ce-type')).toBe('dev.sluice.reply')
    expect(answer.headers.get('sluice-request-id')).toBe(id)
    expect(answer.headers.get('server-timing')).toMatch(/^gateway;dur=\d/)
    const streamed = readStreamedText(answer)
    expect(await streamed.until(pieces[0] ?? '')).toBe(pieces[0])
    model.gates[1]?.open()
    await streamed.until('two')
    model.gates[2]?.open()
    await waitFor(() => streamed.ended, { what: 'the end of the stream' })
    expect(streamed.text).toBe(whole)
    await gateway.until(id, 'replied')
    expect(await (await gateway.call(links.reply)).text()).toBe(whole)
  })

  it('reaches a caller who waits for a stored request as it comes', async () => {
    await using model = await startStreamingStep(pieces)
    await using gateway = await startStoredGateway(newStore(), {
      steps: [{ name: 'model', uri: model.step.url }],
      spec: { requests: { stored: true } }
    })
    const posted = gateway.post()
    model.gates[0]?.open()
    const answer = await posted
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    expect(answer.headers.get('server-timing')).toMatch(/^model;dur=\d.*, gateway;dur=\d/)
    const streamed = readStreamedText(answer)
    await streamed.until('one')
    model.openAll()
    await waitFor(() => streamed.ended, { what: 'the end of the stream' })
    expect(streamed.text).toBe(whole)
  })

  it('of server-sent events is the whole answer to a caller who asked for events, as without a store', async () => {
    await using model = await startStreamingStep(pieces)
    model.openAll()
    await using gateway = await startStoredGateway(newStore(), {
      steps: [{ name: 'model', uri: model.step.url }],
      spec: { requests: { stored: true } }
    })
    const answer = await gateway.post('{}', { headers: { accept: 'text/event-stream' } })
    expect([answer.headers.get('ce-type'), await answer.text()]).toEqual(['dev.sluice.reply', whole])
  })

  it('comes in chunks behind the progress that was told, in place of the reply', async () => {
    await using model = await startStreamingStep(pieces)
    await using gateway = await startStoredGateway(newStore(), {
      steps: [{ name: 'model', uri: model.step.url }],
      spec: { requests: { stored: true } }
    })
    const answer = await gateway.post('{}', { headers: { accept: 'text/event-stream' } })
    expect(answer.headers.get('server-timing')).toMatch(/^gateway;dur=\d/)
    const streamed = readStreamedText(answer)
    await streamed.until('event: running')
    model.openAll()
    await waitFor(() => streamed.ended, { what: 'the end of the events' })
    const names = [...streamed.text.matchAll(/^event: (\w+)/gm)].map(([, name]) => name)
    expect([names[0], names.at(-1), names.includes('reply')]).toEqual(['running', 'replied', false])
    expect(names.filter(name => name === 'chunk').length).toBeGreaterThan(0)
  })

  it('is told in events, which go on after Last-Event-ID to the octet', async () => {
    await using model = await startStreamingStep(pieces)
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'model', uri: model.step.url }] })
    const { id, links } = await gateway.accept()
    await using first = await startEventSource(gateway.url + links.events)
    model.gates[0]?.open()
    await first.until('chunk')
    expect(first.events.map(({ event }) => event)).toEqual(['running', 'chunk'])
    expect(first.last('chunk')).toMatchObject({ data: pieces[0], id: `1-${pieces[0]?.length}` })
    await first[Symbol.asyncDispose]()
    model.gates[1]?.open()
    await using second = await startEventSource(gateway.url + links.events, first.lastEventId)
    await second.until('chunk')
    model.gates[2]?.open()
    await second.ended()
    expect(second.text('chunk')).toBe(whole.slice(pieces[0]?.length))
    // A status that is another one than before may be told between the chunks.
    const others = second.events.map(({ event }) => event).filter(event => event !== 'chunk' && event !== 'running')
    expect(others).toEqual(['replied'])
    expect(second.last('replied')).toMatchObject({ id: expect.stringMatching(/^\d+$/) })
    await gateway.until(id, 'replied')
    // A streamed reply can be had again after the end, by whoever lost a part of it.
    await using late = await startEventSource(gateway.url + links.events, '1-3')
    await late.ended()
    expect([late.text('chunk'), late.events.at(-1)?.event]).toEqual([whole.slice(3), 'replied'])
    const seen = await gateway.call(links.events, { headers: { 'last-event-id': late.lastEventId } })
    expect(seen.status).toBe(204)
  })

  it('is base64 where it is not text, and no character is told in halves', async () => {
    const octets = [Uint8Array.of(0, 1, 255), Uint8Array.of(254, 2)]
    const letters = [Buffer.from('zwölf ').subarray(0, 3), Buffer.from('zwölf ').subarray(3)]
    for (const [type, given, chunks] of [
      ['application/octet-stream', octets, ['AAH/', '/gI=']],
      ['text/plain', letters, ['zw', 'ölf ']]
    ] as const) {
      await using model = await startStreamingStep(given, { 'content-type': type })
      await using gateway = await startStoredGateway(newStore(), {
        steps: [{ name: 'model', uri: model.step.url, stream: 'always' }]
      })
      const { links } = await gateway.accept()
      await using source = await startEventSource(gateway.url + links.events)
      model.gates[0]?.open()
      await source.until('chunk')
      model.gates[1]?.open()
      await source.ended()
      expect(source.events.filter(({ event }) => event === 'chunk').map(({ data }) => data)).toEqual(chunks)
    }
  })

  it('comes through to the octet, in base64 where text would not, which an event says before', async () => {
    const given = [
      'line\n',
      'one\r\ntwo\r',
      Uint8Array.of(0xff, 0xfe, 10),
      Buffer.from('é').subarray(0, 1),
      Buffer.concat([Buffer.from('é').subarray(1), Buffer.from(' again\n\n')]),
      Buffer.from('ö').subarray(0, 1)
    ]
    await using model = await startStreamingStep(given, { 'content-type': 'application/x-ndjson' })
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'model', uri: model.step.url }] })
    const { id, links } = await gateway.accept()
    await using source = await startEventSource(gateway.url + links.events)
    for (const [i, gate] of model.gates.entries()) {
      gate.open()
      // Each piece is told, but for halves of characters whose other halves are still to come.
      if (![3, 5].includes(i)) await source.until('chunk', i < 4 ? i + 1 : 4)
    }
    await source.ended()
    const all = Buffer.concat(given.map(piece => Buffer.from(piece)))
    expect(octetsOf(source.events)).toEqual(all)
    const told = source.events.filter(({ event }) => ['chunk', 'encoding'].includes(event))
    expect(told.map(({ event, data }) => (event === 'encoding' ? `${event} ${data}` : event))).toEqual([
      'chunk',
      'encoding base64',
      'chunk',
      'chunk',
      'encoding text',
      'chunk',
      'encoding base64',
      'chunk'
    ])
    expect(told.at(-1)?.id).toBe(`1-${all.length}`)
    await gateway.until(id, 'replied')
    for (let offset = 0; offset < all.length; offset++) {
      await using late = await startEventSource(gateway.url + links.events, `1-${offset}`)
      await late.ended()
      expect(octetsOf(late.events)).toEqual(all.subarray(offset))
    }
  })

  it('that a step breaks off fails the request, is told so, and is never a whole answer', async () => {
    await using model = await startStreamingStep(['data: one\n\n', brokenOff])
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'model', uri: model.step.url }] })
    const { id, links } = await gateway.accept()
    await using source = await startEventSource(gateway.url + links.events)
    model.gates[0]?.open()
    await source.until('chunk')
    const streamed = readStreamedText(await gateway.call(links.reply))
    await streamed.until('one')
    model.gates[1]?.open()
    await source.ended()
    expect(new Set(source.events.map(({ event }) => event))).toEqual(new Set(['running', 'chunk', 'failed']))
    expect(source.events.at(-1)?.event).toBe('failed')
    await waitFor(() => streamed.ended, { what: 'the cut' })
    expect(streamed.text).toContain('event: error\n')
    expect(streamed.text).toContain('STEP_BROKEN_OFF')
    expect(await gateway.until(id, 'failed')).toMatchObject({ error: { code: 'STEP_BROKEN_OFF' } })
    expect((await gateway.call(links.reply)).status).toBe(502)
    expect(model.step.requests).toHaveLength(1)
  })

  it('has no more octets than limits.maxBodyBytes', async () => {
    await using model = await startStreamingStep(['x'.repeat(900), 'y'.repeat(200)], {
      'content-type': 'application/x-ndjson'
    })
    await using gateway = await startStoredGateway(newStore(), {
      steps: [{ name: 'model', uri: model.step.url }],
      spec: { limits: { maxBodyBytes: 1_000 } }
    })
    const { id } = await gateway.accept()
    model.openAll()
    expect(await gateway.until(id, 'failed')).toMatchObject({ error: { code: 'STEP_BAD_REPLY', attempts: 1 } })
  })

  it('costs a request that does not stream nothing: its events and its reply are as ever', async () => {
    await using step = await startStep({ body: 'done', headers: { 'content-type': 'text/plain' } })
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'model', uri: step.url }] })
    const { id, links } = await gateway.accept()
    await gateway.until(id, 'replied')
    await using source = await startEventSource(gateway.url + links.events)
    await source.ended()
    expect(source.events.map(({ event }) => event)).toEqual(['replied'])
  })

  it('of ten megabytes comes through as it was, to readers of any speed', async () => {
    const block = Buffer.from(Array.from({ length: 100_000 }, (_, i) => 97 + (i % 26)))
    const many = Array.from({ length: 100 }, () => block)
    await using model = await startStreamingStep(many, { 'content-type': 'application/x-ndjson' })
    await using gateway = await startStoredGateway(newStore(), {
      steps: [{ name: 'model', uri: model.step.url }],
      spec: { limits: { maxBodyBytes: 20_000_000 } }
    })
    const { id, links } = await gateway.accept()
    model.gates[0]?.open()
    const answer = await waitFor(
      async () => {
        const tried = await gateway.call(links.reply)
        return tried.status === 200 && tried
      },
      { what: 'the stream to begin' }
    )
    model.openAll()
    const followed = Buffer.from(await answer.arrayBuffer())
    await gateway.until(id, 'replied')
    const fetched = Buffer.from(await (await gateway.call(links.reply)).arrayBuffer())
    expect([followed.equals(Buffer.concat(many)), fetched.equals(followed)]).toEqual([true, true])
  })
})
