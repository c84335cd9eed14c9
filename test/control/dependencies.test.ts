import { rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import type { Gateway } from '../../src/gateway/head.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { createGate } from '../helpers/gate.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { aDefinition, api, conditionOf, pathOf, statusWhen } from './apis.ts'

const post = ({ url }: Pick<Gateway, 'url'>, name: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/default/${name}`, { method: 'POST', body: '{}', headers })

// oxlint-disable-next-line typescript/no-explicit-any
const problemOf = async (answer: Response | Promise<Response>): Promise<any> => (await answer).json()

const startEcho = () => startStep(({ url }) => ({ body: url }))

const pause = (gateway: Gateway, name: string, desiredPhase = 'Paused') =>
  api(gateway, 'PATCH', pathOf(name), { spec: { lifecycle: { desiredPhase } } })

const phaseIs = (gateway: Gateway, name: string, wanted: string) =>
  statusWhen(gateway, name, ({ phase }) => phase === wanted, wanted)

describe('a pipeline that depends on another one', () => {
  it('does not serve while that is missing, and does as soon as it is there', async () => {
    await using step = await startEcho()
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${step.url}/a`], { dependsOn: ['b'] }))
    const status = await phaseIs(gateway, 'a', 'Pending')
    expect(conditionOf(status, 'Ready')).toMatchObject({ status: 'False', reason: 'DependencyNotReady' })
    expect(conditionOf(status, 'DependenciesReady').message).toBe('it needs pipeline default/b, which is not there')
    expect(await problemOf(post(gateway, 'a'))).toMatchObject({
      status: 503,
      code: 'PIPELINE_NOT_READY',
      detail: 'it needs pipeline default/b, which is not there'
    })
    await api(gateway, 'PUT', pathOf('b'), aDefinition('b', [`${step.url}/b`]))
    await phaseIs(gateway, 'a', 'Running')
    expect(await (await post(gateway, 'a')).text()).toBe('/a')
    const ready = (await api(gateway, 'GET', `${pathOf('a')}/status`)).body
    expect(conditionOf(ready, 'DependenciesReady')).toMatchObject({ status: 'True', reason: 'DependenciesReady' })
  })

  it('is the same over namespaces, and holds stored requests meanwhile', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    await using gateway = await startGateway(testConfig({}))
    const b = { ...aDefinition('b', [step.url]), metadata: { name: 'b', namespace: 'shop' } }
    await api(gateway, 'PUT', pathOf('shop/b'), b)
    const spec = { dependsOn: ['shop/b'], limits: { maxInFlight: 1 } }
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [step.url], spec))
    await phaseIs(gateway, 'a', 'Running')
    const links: string[] = []
    for (let i = 0; i < 2; i++) {
      const answer = await post(gateway, 'a', { prefer: 'respond-async' })
      links.push(String(answer.headers.get('location')))
    }
    await step.waitForRequests(1)
    expect((await api(gateway, 'DELETE', pathOf('shop/b'))).body).toMatchObject({ code: 'CONFLICT' })
    expect((await api(gateway, 'DELETE', `${pathOf('shop/b')}?force=true`)).status).toBe(202)
    await phaseIs(gateway, 'a', 'Pending')
    const document = async (link = '') => problemOf(fetch(gateway.url + link))
    await waitFor(async () => (await document(links[1])).waiting?.reason === 'dependency', { what: 'the reason' })
    gate.open()
    await waitFor(async () => (await document(links[0])).status === 'replied', { what: 'the end of the first' })
    expect(await document(links[1])).toMatchObject({ status: 'accepted', waiting: { reason: 'dependency' } })
    await api(gateway, 'PUT', pathOf('shop/b'), b)
    await waitFor(async () => (await document(links[1])).status === 'replied', { what: 'the end of the second' })
  })

  it('is paused with it, before it, and goes on after it, while its own desired phase stays', async () => {
    const gate = createGate()
    await using step = await startStep(async ({ url }) => {
      if (url === '/c') await gate.opened
      return { body: url }
    })
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${step.url}/a`]))
    await api(gateway, 'PUT', pathOf('b'), aDefinition('b', [`${step.url}/b`], { dependsOn: ['a'] }))
    await api(gateway, 'PUT', pathOf('c'), aDefinition('c', [`${step.url}/c`], { dependsOn: ['b'] }))
    const waiting = post(gateway, 'c')
    await step.waitForRequests(1)
    await pause(gateway, 'a')
    await phaseIs(gateway, 'c', 'Pausing')
    expect(await problemOf(post(gateway, 'c'))).toMatchObject({ status: 503, code: 'PAUSED' })
    // A request of c in flight may need the others.
    expect((await post(gateway, 'b')).status).toBe(200)
    expect((await post(gateway, 'a')).status).toBe(200)
    gate.open()
    expect((await waiting).status).toBe(200)
    for (const name of ['c', 'b', 'a']) await phaseIs(gateway, name, 'Paused')
    const c = (await api(gateway, 'GET', pathOf('c'))).body
    expect(c.spec.lifecycle?.desiredPhase).toBeUndefined()
    expect(conditionOf(c.status, 'Ready')).toMatchObject({ status: 'False', reason: 'Paused' })
    expect(conditionOf(c.status, 'Ready').message).toContain('default/b')
    expect(c.status.drainedOnPause).toBe(true)
    await pause(gateway, 'a', 'Running')
    for (const name of ['a', 'b', 'c']) await phaseIs(gateway, name, 'Running')
    expect(await (await post(gateway, 'c')).text()).toBe('/c')
  })

  it('has its generation before, while the new one waits for another pipeline', async () => {
    await using step = await startEcho()
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${step.url}/1`]))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${step.url}/2`], { dependsOn: ['b'] }))
    const status = await phaseIs(gateway, 'a', 'Running')
    expect(conditionOf(status, 'Ready')).toMatchObject({ status: 'True', reason: 'NewGenerationNotReady' })
    expect(conditionOf(status, 'Ready').message).toContain('it needs pipeline default/b, which is not there')
    expect(await (await post(gateway, 'a')).text()).toBe('/1')
    await api(gateway, 'PUT', pathOf('b'), aDefinition('b', [`${step.url}/b`]))
    await waitFor(async () => (await (await post(gateway, 'a')).text()) === '/2', { what: 'the new generation' })
  })

  it('is faulty, as is every member of a cycle; by the admin API the one that closes it is refused', async () => {
    await using step = await startEcho()
    await using folder = await createTempFolder()
    const a = await folder.write('a.json', definitionText('a', [step.url], { dependsOn: ['b'] }))
    await folder.write('b.json', definitionText('b', [step.url], { dependsOn: ['a'] }))
    await folder.write('c.json', definitionText('c', [step.url]))
    await using gateway = await startGateway(testConfig({ files: [folder.path], watch: true }))
    for (const name of ['a', 'b']) {
      const status = await phaseIs(gateway, name, 'Failed')
      expect(conditionOf(status, 'Valid').message).toMatch(/spec\.dependsOn\[0\]: it needs itself: default\//)
    }
    await phaseIs(gateway, 'c', 'Running')
    await api(gateway, 'PUT', pathOf('x'), aDefinition('x', [step.url], { dependsOn: ['y'] }))
    const refused = await api(gateway, 'PUT', pathOf('y'), aDefinition('y', [step.url], { dependsOn: ['x'] }))
    expect(refused.status).toBe(400)
    expect(refused.body.detail).toContain('it needs itself: default/y → default/x → default/y')
    await writeFile(a, definitionText('a', [step.url]))
    for (const name of ['a', 'b']) await phaseIs(gateway, name, 'Running')
  })

  it('does not serve once the file of the other one is gone, nor while its process ends again and again', async () => {
    await using step = await startEcho()
    await using folder = await createTempFolder()
    await folder.write('a.json', definitionText('a', [step.url], { dependsOn: ['b'] }))
    const b = await folder.write('b.json', definitionText('b', [step.url]))
    await using gateway = await startGateway(testConfig({ files: [folder.path], watch: true }))
    await phaseIs(gateway, 'a', 'Running')
    await rm(b)
    await phaseIs(gateway, 'a', 'Pending')
    const run = { command: [process.execPath, '-e', 'process.exit(3)'], min: 1 }
    await folder.write('b.json', definitionText('b', [{ run }]))
    await phaseIs(gateway, 'b', 'Failed')
    expect(conditionOf(await phaseIs(gateway, 'a', 'Pending'), 'Ready').message).toContain(
      'default/b, which cannot serve'
    )
  })
})

describe('a pipeline that nests another one', () => {
  it('is paused with it, and waits for it while it is missing', async () => {
    await using step = await startEcho()
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('outer'), aDefinition('outer', [{ name: 'n', pipeline: 'inner' }]))
    await phaseIs(gateway, 'outer', 'Pending')
    expect(await problemOf(post(gateway, 'outer'))).toMatchObject({ status: 503, code: 'PIPELINE_NOT_READY' })
    await api(gateway, 'PUT', pathOf('inner'), aDefinition('inner', [`${step.url}/i`]))
    await phaseIs(gateway, 'outer', 'Running')
    expect(await (await post(gateway, 'outer')).text()).toBe('/i')
    await pause(gateway, 'inner')
    await phaseIs(gateway, 'inner', 'Paused')
    expect(await problemOf(post(gateway, 'outer'))).toMatchObject({ status: 503, code: 'PAUSED' })
    await pause(gateway, 'inner', 'Running')
    await phaseIs(gateway, 'outer', 'Running')
    expect((await post(gateway, 'outer')).status).toBe(200)
  })
})
