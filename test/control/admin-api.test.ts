import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import type { Gateway } from '../../src/gateway/head.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { aDefinition, api, apis, conditionOf, pathOf, statusWhen } from './apis.ts'

const startEcho = () => startStep(({ url }) => ({ body: url }))

const answerOf = async ({ url }: Pick<Gateway, 'url'>, name: string): Promise<string> => {
  const answer = await fetch(`${url}/default/${name}`, { method: 'POST', body: '{}' })
  return answer.ok ? answer.text() : String(answer.status)
}

describe('PUT of a definition', () => {
  it('makes it, replaces it, and leaves it alone where nothing is changed', async () => {
    await using steps = await startEcho()
    await using gateway = await startGateway(testConfig({}))
    const made = await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${steps.url}/1`]))
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ metadata: { name: 'a', generation: 1, resourceVersion: '1' } })
    expect(made.headers.get('etag')).toBe('"1"')
    expect(await answerOf(gateway, 'a')).toBe('/1')
    const same = await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${steps.url}/1`]))
    expect([same.status, same.body.metadata.resourceVersion]).toEqual([200, '1'])
    const changed = await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${steps.url}/2`]))
    expect([changed.status, changed.body.metadata.resourceVersion]).toEqual([200, '2'])
    expect(changed.body.metadata.generation).toBe(2)
    expect(await answerOf(gateway, 'a')).toBe('/2')
  })

  it('takes YAML, and a resource as GET gave it', async () => {
    await using steps = await startEcho()
    await using gateway = await startGateway(testConfig({}))
    const yaml = `apiVersion: sluice.dev/v1alpha1\nkind: ServingPipeline\nmetadata: {name: a}\nspec: {steps: [{uri: ${steps.url}/y}]}\n`
    expect((await api(gateway, 'PUT', pathOf('a'), yaml, { 'content-type': 'application/yaml' })).status).toBe(201)
    const { body } = await api(gateway, 'GET', pathOf('a'))
    expect((await api(gateway, 'PUT', pathOf('a'), body)).status).toBe(200)
    expect((await api(gateway, 'GET', pathOf('a'))).body.metadata.resourceVersion).toBe('1')
  })

  it('lists all faults, and changes nothing', async () => {
    await using steps = await startEcho()
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${steps.url}/1`]))
    const faulty = aDefinition('a', [{ uri: 'http://127.0.0.1:9', url: 'x' }], { deadlin: 'PT1S' })
    const { status, body } = await api(gateway, 'PUT', pathOf('a'), faulty)
    expect(status).toBe(400)
    expect(body.code).toBe('INVALID_REQUEST')
    expect(body.faults).toEqual([
      expect.stringMatching(/^body:1:\d+ spec\.deadlin: unknown field; did you mean 'deadline'\?$/),
      expect.stringMatching(/^body:1:\d+ spec\.steps\[0\]\.url: unknown field; did you mean 'uri'\?$/)
    ])
    const other = await api(gateway, 'PUT', pathOf('a'), aDefinition('b', [`${steps.url}/1`]))
    expect(other.status).toBe(400)
    expect(other.body.faults).toEqual([expect.stringContaining('metadata.name: must be "a" as in the path')])
    expect((await api(gateway, 'PUT', pathOf('a'), 'no: [')).status).toBe(400)
    for (const path of [pathOf('Shop/a'), pathOf('a%2Fb')]) {
      expect((await api(gateway, 'PUT', path, aDefinition('a', [`${steps.url}/1`]))).status).toBe(400)
    }
    expect((await api(gateway, 'PUT', pathOf('a'), 'x'.repeat(5 * 2 ** 20))).status).toBe(413)
    expect(await answerOf(gateway, 'a')).toBe('/1')
  })

  it('with dryRun looks at the definition only', async () => {
    await using gateway = await startGateway(testConfig({}))
    const put = (steps: string[]) => api(gateway, 'PUT', `${pathOf('a')}?dryRun=true`, aDefinition('a', steps))
    expect((await put(['http://127.0.0.1:9'])).status).toBe(201)
    expect((await put([])).status).toBe(400)
    expect((await api(gateway, 'GET', pathOf('a'))).status).toBe(404)
  })

  it('is refused where another version is there than the one it was made from', async () => {
    await using steps = await startEcho()
    await using gateway = await startGateway(testConfig({}))
    const put = (path: string, headers: Record<string, string>, resourceVersion?: string) => {
      const definition = aDefinition('a', [`${steps.url}/${path}`])
      return api(gateway, 'PUT', pathOf('a'), { ...definition, metadata: { name: 'a', resourceVersion } }, headers)
    }
    expect((await put('1', { 'if-match': '"1"' })).body).toMatchObject({ status: 409, code: 'CONFLICT' })
    expect((await put('1', {})).status).toBe(201)
    expect((await put('2', { 'if-match': '"1"' })).status).toBe(200)
    expect((await put('3', { 'if-match': '"1"' })).status).toBe(409)
    expect((await put('3', { 'if-match': '"0", W/"1"' })).body.detail).toContain('from version 0 or 1, but')
    expect((await put('2', { 'if-match': '"2", "7"' })).status).toBe(200)
    expect((await put('3', {}, '1')).body.code).toBe('CONFLICT')
    expect((await put('3', {}, '2')).status).toBe(200)
    expect(await answerOf(gateway, 'a')).toBe('/3')
    expect((await api(gateway, 'DELETE', pathOf('a'), undefined, { 'if-match': '"2"' })).status).toBe(409)
  })

  it('does not lose one of many changes that are made at the same time', async () => {
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', ['http://127.0.0.1:9']))
    const patches = Array.from({ length: 12 }, (_, i) =>
      api(gateway, 'PATCH', pathOf('a'), { metadata: { labels: { [`l${i}`]: 'x' } } })
    )
    expect((await Promise.all(patches)).map(({ status }) => status)).toEqual(Array(12).fill(200))
    const { metadata } = (await api(gateway, 'GET', pathOf('a'))).body
    expect(Object.keys(metadata.labels)).toHaveLength(12)
  })
})

describe('PATCH of a definition', () => {
  it('merges, and null removes', async () => {
    await using steps = await startEcho()
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${steps.url}/1`], { deadline: 'PT5S', ordering: 'key' }))
    const { status, body } = await api(gateway, 'PATCH', pathOf('a'), {
      spec: { deadline: null, limits: { maxQueued: 5 } }
    })
    expect(status).toBe(200)
    expect(body.spec).toMatchObject({ ordering: 'key', limits: { maxQueued: 5 } })
    expect(body.spec).not.toHaveProperty('deadline')
    const faulty = await api(gateway, 'PATCH', pathOf('a'), { spec: { deadlin: 'x' } })
    // Nobody has the text that the patch makes, so its lines say nothing.
    expect(faulty.body).toMatchObject({ code: 'INVALID_REQUEST', detail: expect.stringMatching(/^spec\.deadlin: /) })
    expect((await api(gateway, 'PATCH', pathOf('none'), {})).status).toBe(404)
  })
})

describe('DELETE of a definition', () => {
  it('is answered at once, and what is in flight finishes while the name is gone', async () => {
    const gate = Promise.withResolvers<void>()
    await using slow = await startStep(async () => {
      await gate.promise
      return { body: 'late' }
    })
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [slow.url]))
    const waiting = answerOf(gateway, 'a')
    await slow.waitForRequests(1)
    const { status, body } = await api(gateway, 'DELETE', pathOf('a'))
    expect([status, body.status.phase]).toEqual([202, 'Deleting'])
    expect(await answerOf(gateway, 'a')).toBe('404')
    const { detail } = (await (await fetch(`${gateway.url}/default/a`, { method: 'POST' })).json()) as {
      detail: string
    }
    expect(detail).toBe('there is no pipeline "a" in the namespace "default"; GET / lists what is served here')
    expect((await statusWhen(gateway, 'a', ({ phase }) => phase === 'Deleting')).inFlight).toBe(1)
    gate.resolve()
    expect(await waiting).toBe('late')
    await waitFor(async () => (await api(gateway, 'GET', pathOf('a'))).status === 404, { what: 'its end' })
    expect((await api(gateway, 'DELETE', pathOf('a'))).status).toBe(404)
    expect((await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [slow.url]))).status).toBe(201)
  })

  it('with requests=cancel cancels what has not ended', async () => {
    const gate = Promise.withResolvers<void>()
    await using slow = await startStep(async () => {
      await gate.promise
      return { body: 'late' }
    })
    await using gateway = await startGateway(testConfig({}))
    const spec = { limits: { maxInFlight: 1 } }
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [slow.url], spec))
    const accept = async () => {
      const headers = { prefer: 'respond-async' }
      const answer = await fetch(`${gateway.url}/default/a`, { method: 'POST', body: '{}', headers })
      const accepted = (await answer.json()) as { links: { self: string } }
      return accepted.links.self
    }
    const links = [await accept(), await accept(), await accept()]
    expect((await api(gateway, 'DELETE', `${pathOf('a')}?requests=cancel`)).status).toBe(202)
    gate.resolve()
    const statuses = () =>
      Promise.all(
        links.map(async link => {
          const document = (await (await fetch(gateway.url + link)).json()) as { status: string }
          return document.status
        })
      )
    await waitFor(async () => (await statuses()).filter(status => status === 'cancelled').length === 2, {
      what: 'two cancelled requests'
    })
    expect((await statuses())[0]).toBe('replied')
  })

  it('of one that another nests is refused, unless it is forced', async () => {
    await using steps = await startEcho()
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('inner'), aDefinition('inner', [`${steps.url}/i`]))
    await api(gateway, 'PUT', pathOf('outer'), aDefinition('outer', [{ name: 'n', pipeline: 'inner' }]))
    const { status, body } = await api(gateway, 'DELETE', pathOf('inner'))
    expect(status).toBe(409)
    expect(body.detail).toContain('default/outer')
    const cycle = await api(gateway, 'PUT', pathOf('inner'), aDefinition('inner', [{ name: 'n', pipeline: 'outer' }]))
    expect(cycle.status).toBe(400)
    expect(cycle.body.detail).toContain('it nests itself')
    expect((await api(gateway, 'DELETE', `${pathOf('inner')}?force=true`)).status).toBe(202)
  })
})

describe('a definition from a file', () => {
  it('takes commands for its lifecycle and no other change', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${steps.url}/1`]))
    await using gateway = await startGateway(testConfig({ files: [file] }))
    const { body } = await api(gateway, 'GET', pathOf('a'))
    const put = await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${steps.url}/2`]))
    expect(put.body).toMatchObject({ status: 409, code: 'CONFLICT' })
    expect(put.body.detail).toContain(file)
    expect((await api(gateway, 'DELETE', pathOf('a'))).status).toBe(409)
    expect((await api(gateway, 'PATCH', pathOf('a'), { metadata: { labels: { a: 'b' } } })).status).toBe(409)
    expect((await api(gateway, 'PUT', pathOf('a'), body)).status).toBe(200)
    const lifecycle = { desiredPhase: 'Paused' }
    const patched = await api(gateway, 'PATCH', pathOf('a'), { spec: { lifecycle } })
    expect([patched.status, patched.body.spec.lifecycle]).toEqual([200, lifecycle])
    await statusWhen(gateway, 'a', ({ phase }) => phase === 'Paused')
    expect(patched.headers.get('etag')).not.toBe(`"${body.metadata.resourceVersion}"`)
  })

  it('goes before one of the admin API at a start, whose conflict is told', async () => {
    await using steps = await startEcho()
    await using folder = await createTempFolder()
    const store = `sqlite:${folder.path}/s.db`
    {
      await using gateway = await startGateway(testConfig({ store }))
      await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${steps.url}/admin`]))
      expect(await answerOf(gateway, 'a')).toBe('/admin')
    }
    const file = await folder.write('a.json', definitionText('a', [`${steps.url}/file`]))
    await using gateway = await startGateway(testConfig({ store, files: [file] }))
    expect(await answerOf(gateway, 'a')).toBe('/file')
    const { body } = await api(gateway, 'GET', `${pathOf('a')}/status`)
    expect(conditionOf(body, 'Conflict')).toMatchObject({ status: 'True', reason: 'NameTaken' })
    expect(conditionOf(body, 'Conflict').message).toContain('the admin API')
  })
})

describe('a watch', () => {
  it('tells each that is there, then each change, and an empty line while there is none', async () => {
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', ['http://127.0.0.1:9']))
    const ending = new AbortController()
    const answer = await fetch(`${gateway.adminUrl}${apis}/servingpipelines?watch=true`, { signal: ending.signal })
    const lines: string[] = []
    const read = (async () => {
      const decoder = new TextDecoder()
      for await (const chunk of answer.body ?? []) lines.push(...decoder.decode(chunk).split('\n').slice(0, -1))
    })().catch(() => {})
    const told = (text: string) =>
      waitFor(
        () =>
          lines
            .map(line => JSON.parse(line))
            .map(({ type, object }) => `${type} ${object.metadata.name} ${object.status.phase}`)
            .includes(text),
        {
          what: text
        }
      )
    await told('ADDED a Running')
    await api(gateway, 'PUT', pathOf('b'), aDefinition('b', ['http://127.0.0.1:9']))
    await told('ADDED b Running')
    await api(gateway, 'PATCH', pathOf('b'), { spec: { lifecycle: { desiredPhase: 'Paused' } } })
    await told('MODIFIED b Paused')
    await api(gateway, 'DELETE', pathOf('b'))
    await told('DELETED b Deleting')
    ending.abort()
    await read
  })
})
