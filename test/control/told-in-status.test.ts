import { rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { aDefinition, api, conditionOf, pathOf, statusWhen } from './apis.ts'

const startEcho = () => startStep(({ url }) => ({ body: url }))

describe('the status tells', () => {
  it('of a header that has no value, until its file is there; and an edit that lacks one replaces nothing', async () => {
    await using step = await startEcho()
    await using folder = await createTempFolder()
    const path = `${folder.path}/token`
    const withToken = [{ name: 's', uri: `${step.url}/token`, headers: { authorization: { file: path } } }]
    const file = await folder.write('a.json', definitionText('a', [`${step.url}/1`]))
    const other = await folder.write('b.json', definitionText('b', withToken))
    await using gateway = await startGateway(testConfig({ files: [file, other], watch: true }))
    const status = await statusWhen(gateway, 'b', ({ phase }) => phase === 'Pending')
    expect(conditionOf(status, 'Ready')).toMatchObject({ status: 'False', reason: 'HeaderMissing' })
    expect(conditionOf(status, 'Ready').message).toContain('the header authorization has no value')
    await writeFile(file, definitionText('a', withToken))
    const old = await statusWhen(gateway, 'a', ({ conditions }) => conditions[0].reason === 'NewGenerationNotReady')
    expect(old.phase).toBe('Running')
    await writeFile(path, 'secret')
    for (const name of ['a', 'b']) {
      await statusWhen(
        gateway,
        name,
        ({ phase, conditions }) => phase === 'Running' && conditions[0].reason === 'Serving'
      )
    }
    expect(JSON.stringify((await api(gateway, 'GET', pathOf('a'))).body)).not.toContain('secret')
  })

  it('whether the store keeps what the pipeline asks of it', async () => {
    await using step = await startEcho()
    await using folder = await createTempFolder()
    for (const [store, status, reason] of [
      ['sqlite::memory:', 'False', 'NotDurable'],
      [`sqlite:${folder.path}/s.db`, 'True', 'Durable']
    ] as const) {
      await using gateway = await startGateway(testConfig({ store }))
      await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [step.url], { requests: { stored: true } }))
      await api(gateway, 'PUT', pathOf('b'), aDefinition('b', [step.url]))
      const { body } = await api(gateway, 'GET', `${pathOf('a')}/status`)
      expect(conditionOf(body, 'Durable')).toMatchObject({ status, reason })
      const { conditions } = (await api(gateway, 'GET', `${pathOf('b')}/status`)).body
      expect(conditions.map(({ type }: { type: string }) => type)).toEqual(['Ready', 'Valid', 'Resolved'])
    }
  })

  it('who else brings a name that is served, and serves that when the first is gone', async () => {
    await using step = await startEcho()
    await using folder = await createTempFolder()
    await folder.write('x.json', definitionText('x', [step.url]))
    await using gateway = await startGateway(testConfig({ files: [folder.path], watch: true }))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${step.url}/admin`]))
    const file = await folder.write('a.json', definitionText('a', [`${step.url}/file`]))
    const hasConflict = ({ conditions }: { conditions: { type: string }[] }) =>
      conditions.some(({ type }) => type === 'Conflict')
    const status = await statusWhen(gateway, 'a', hasConflict, 'conflict')
    expect(conditionOf(status, 'Conflict').message).toContain(file)
    const answer = async () => (await fetch(`${gateway.url}/default/a`, { method: 'POST', body: '{}' })).text()
    expect(await answer()).toBe('/admin')
    expect((await api(gateway, 'DELETE', pathOf('a'))).status).toBe(202)
    await waitFor(async () => (await answer()) === '/file', { what: 'the definition of the file' })
    await rm(file)
    await waitFor(async () => (await answer()).includes('PIPELINE_NOT_FOUND'), { what: 'its end' })
  })
})

describe('a pause', () => {
  it('ends a stream that has begun with an error event', async () => {
    await using step = await startStep(() => ({ headers: { 'content-type': 'text/event-stream' }, body: oneEvent() }))
    await using gateway = await startGateway(testConfig({}))
    const lifecycle = { pauseGracePeriodSeconds: 0 }
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [step.url], { lifecycle }))
    const answer = await fetch(`${gateway.url}/default/a`, { method: 'POST', body: '{}' })
    const chunks: string[] = []
    const read = (async () => {
      const decoder = new TextDecoder()
      for await (const chunk of answer.body ?? []) chunks.push(decoder.decode(chunk))
    })().catch((thrown: unknown) => String(thrown))
    await waitFor(() => chunks.join('').includes('data: 1'), { what: 'the first event' })
    await api(gateway, 'PATCH', pathOf('a'), { spec: { lifecycle: { desiredPhase: 'Paused' } } })
    expect(await read).toMatch(/terminated/)
    expect(chunks.join('')).toMatch(/event: error\ndata: .*"code":"PAUSED"/)
    expect((await statusWhen(gateway, 'a', ({ phase }) => phase === 'Paused')).drainedOnPause).toBe(false)
  })
})

describe('a pipeline that is being deleted', () => {
  it('is there again when it is put again', async () => {
    const gate = Promise.withResolvers<void>()
    await using slow = await startStep(async () => {
      await gate.promise
      return { body: 'done' }
    })
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [slow.url]))
    const post = () => fetch(`${gateway.url}/default/a`, { method: 'POST', body: '{}' })
    const first = post()
    await slow.waitForRequests(1)
    await api(gateway, 'DELETE', pathOf('a'))
    expect((await post()).status).toBe(404)
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [slow.url]))
    await statusWhen(gateway, 'a', ({ phase }) => phase === 'Running')
    gate.resolve()
    expect([(await first).status, (await post()).status]).toEqual([200, 200])
  })

  it('ends what is in flight when its grace period is over', async () => {
    await using slow = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startGateway(testConfig({}))
    const lifecycle = { pauseGracePeriodSeconds: 0 }
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [slow.url], { lifecycle }))
    const waiting = fetch(`${gateway.url}/default/a`, { method: 'POST', body: '{}' })
    await slow.waitForRequests(1)
    await api(gateway, 'DELETE', pathOf('a'))
    expect(await (await waiting).json()).toMatchObject({ status: 404, code: 'PIPELINE_NOT_FOUND' })
    await waitFor(async () => (await api(gateway, 'GET', pathOf('a'))).status === 404, { what: 'its end' })
  })
})

/** And no end. */
async function* oneEvent(): AsyncGenerator<string> {
  yield 'data: 1\n\n'
  await new Promise(() => {})
}
