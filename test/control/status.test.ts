import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { aDefinition, api, apis, conditionOf, pathOf, statusWhen } from './apis.ts'

describe('the status of a pipeline', () => {
  it('has all that there is to know of one that serves, and the definition as it was written', async () => {
    await using step = await startStep(() => ({ body: '{}' }))
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${step.url}/x`]))
    await using gateway = await startGateway(testConfig({ files: [file] }))
    const { status, body, headers } = await api(gateway, 'GET', pathOf('a'))
    expect(status).toBe(200)
    const { metadata, spec } = body
    expect(metadata).toMatchObject({ name: 'a', namespace: 'default', generation: 1 })
    expect(metadata.creationTimestamp).toMatch(/^\d{4}-.*Z$/)
    expect(headers.get('etag')).toBe(`"${metadata.resourceVersion}"`)
    expect(spec).toEqual(JSON.parse(definitionText('a', [`${step.url}/x`])).spec)
    expect(body.status).toMatchObject({
      phase: 'Running',
      observedGeneration: 1,
      generations: [],
      inFlight: 0,
      pending: 0,
      deadLetters: 0,
      url: `${gateway.url}/default/a`,
      drainedOnPause: false
    })
    expect(body.status.steps).toEqual([
      expect.objectContaining({ desiredPhase: 'Running', phase: 'Running', breaker: 'closed' })
    ])
    expect(body.status.conditions.map(({ type, status: text }: Record<string, string>) => [type, text])).toEqual([
      ['Ready', 'True'],
      ['Valid', 'True'],
      ['Resolved', 'True']
    ])
    expect((await api(gateway, 'GET', `${pathOf('a')}/status`)).body).toEqual(body.status)
  })

  it('says of a faulty edit what sluice validate says, while the generation before serves', async () => {
    await using step = await startStep(() => ({ body: '{}' }))
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${step.url}/x`]))
    await using gateway = await startGateway(testConfig({ files: [file], watch: true }))
    await writeFile(file, definitionText('a', [`${step.url}/x`]).replace('"uri"', '"url"'))
    const status = await statusWhen(gateway, 'a', ({ conditions }) => conditions[1].status === 'False', 'fault')
    expect(status.phase).toBe('Running')
    expect(conditionOf(status, 'Ready')).toMatchObject({ status: 'True', reason: 'Serving' })
    expect(conditionOf(status, 'Valid').reason).toBe('Faulty')
    expect(conditionOf(status, 'Valid').message).toContain(`${file}:1:`)
    expect(conditionOf(status, 'Valid').message).toContain("url: unknown field; did you mean 'uri'?")
  })

  it('is Pending where a reference has no address, and Failed where no definition is good', async () => {
    await using folder = await createTempFolder()
    const ref = { apiVersion: 'v1', kind: 'Service', name: 'nowhere' }
    await folder.write(
      'a.json',
      definitionText('a', ['http://127.0.0.1:9']).replace(/"uri":"[^"]*"/, `"ref":${JSON.stringify(ref)}`)
    )
    await folder.write('b.json', definitionText('b', ['http://127.0.0.1:9']).replace('"uri"', '"url"'))
    await using gateway = await startGateway(testConfig({ files: [folder.path], watch: true }))
    const a = (await api(gateway, 'GET', `${pathOf('a')}/status`)).body
    expect(a.phase).toBe('Pending')
    expect(conditionOf(a, 'Resolved')).toMatchObject({ status: 'False', reason: 'Unresolved' })
    expect(conditionOf(a, 'Resolved').message).toContain('nowhere')
    expect(a.steps).toEqual([expect.objectContaining({ phase: 'Pending' })])
    const b = (await api(gateway, 'GET', `${pathOf('b')}/status`)).body
    expect(b.phase).toBe('Failed')
    expect(conditionOf(b, 'Ready')).toMatchObject({ status: 'False', reason: 'Faulty' })
  })

  it('counts what runs, on older generations too, and what waits, with and without workers', async () => {
    const gate = Promise.withResolvers<void>()
    await using slow = await startStep(async () => {
      await gate.promise
      return { body: '{}' }
    })
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${slow.url}/1`]))
    await using gateway = await startGateway(
      testConfig({ files: [file], watch: true, workers: 2, store: `sqlite:${folder.path}/s.db` })
    )
    const post = (headers: Record<string, string>) =>
      fetch(`${gateway.url}/default/a`, { method: 'POST', body: '{}', headers })
    const waiting = post({})
    expect((await post({ prefer: 'respond-async' })).status).toBe(202)
    await slow.waitForRequests(2)
    expect(await statusWhen(gateway, 'a', ({ inFlight }) => inFlight === 2, 'two in flight')).toMatchObject({
      generations: []
    })
    await writeFile(file, definitionText('a', [`${slow.url}/2`]))
    const rolling = await statusWhen(gateway, 'a', ({ generations }) => generations[0]?.open === 2, 'two open')
    expect(rolling).toMatchObject({ phase: 'RollingUpdate', generations: [{ generation: 1, open: 2 }] })
    gate.resolve()
    expect((await waiting).status).toBe(200)
    await statusWhen(gateway, 'a', ({ phase, generations }) => phase === 'Running' && generations.length === 0, 'end')
  })

  it('is RollingUpdate while stored requests of an older generation run, and shows those that wait', async () => {
    const gate = Promise.withResolvers<void>()
    await using slow = await startStep(async () => {
      await gate.promise
      return { body: '{}' }
    })
    await using gateway = await startGateway(testConfig({}))
    const limits = { maxInFlight: 1 }
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${slow.url}/1`], { limits }))
    for (let i = 0; i < 3; i++) {
      await fetch(`${gateway.url}/default/a`, { method: 'POST', body: '{}', headers: { prefer: 'respond-async' } })
    }
    await slow.waitForRequests(1)
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${slow.url}/2`], { limits }))
    const status = await statusWhen(gateway, 'a', ({ generations }) => generations[0]?.open === 3, 'three open')
    expect(status).toMatchObject({ phase: 'RollingUpdate', inFlight: 1, pending: 2, observedGeneration: 2 })
    gate.resolve()
    await statusWhen(gateway, 'a', ({ phase, generations }) => phase === 'Running' && generations.length === 0, 'end')
    expect(slow.requests.map(({ url }) => url)).toEqual(['/1', '/1', '/1'])
  })

  it('is 404 of a pipeline that is not there', async () => {
    await using gateway = await startGateway(testConfig({}))
    const { status, body } = await api(gateway, 'GET', pathOf('none'))
    expect(status).toBe(404)
    expect(body).toMatchObject({ code: 'PIPELINE_NOT_FOUND', pipeline: 'default/none' })
  })
})

describe('a list of pipelines', () => {
  it('has pages, of a namespace and of all', async () => {
    await using folder = await createTempFolder()
    for (const name of ['c', 'a', 'b']) await folder.write(`${name}.json`, definitionText(name, ['http://127.0.0.1:9']))
    await folder.write(
      'z.json',
      definitionText('z', ['http://127.0.0.1:9']).replace('"name":"z"', '"name":"z","namespace":"shop"')
    )
    await using gateway = await startGateway(testConfig({ files: [folder.path] }))
    const list = async (path: string) => {
      const { body } = await api(gateway, 'GET', apis + path)
      return [body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name), body.next]
    }
    expect(await list('/servingpipelines')).toEqual([['a', 'b', 'c', 'z'], null])
    expect(await list('/namespaces/shop/servingpipelines')).toEqual([['z'], null])
    expect(await list('/servingpipelines?limit=2')).toEqual([['a', 'b'], 'default/b'])
    expect(await list('/servingpipelines?limit=2&after=default/b')).toEqual([['c', 'z'], null])
  })
})
