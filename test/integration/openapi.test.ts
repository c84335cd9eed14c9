import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import type { OpenApiDocument } from '../../src/http/openapi/document.ts'
import { pathOf } from '../control/apis.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, submit, submitBatch } from '../helpers/submit.ts'

const metaSchema = JSON.parse(
  readFileSync(new URL('../fixtures/openapi/openapi-3.1.schema.json', import.meta.url), 'utf8')
) as Record<string, unknown>

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })

const documentOf = async (base: string): Promise<OpenApiDocument> =>
  (await (await fetch(`${base}/openapi.json`)).json()) as OpenApiDocument

/** The faults of the document by the schema of OpenAPI 3.1. */
function faultsOf(document: OpenApiDocument): unknown {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  return ajv.validate(metaSchema, document) ? [] : ajv.errors
}

/** Looks whether an answer is one that the document has for the operation, and is as it says. */
function describing(document: OpenApiDocument) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'https://document.example/', ...document })
  const seen = new Set<string>()
  return {
    seen,
    async check(method: string, template: string, response: Response): Promise<void> {
      const operation = document.paths[template]?.[method.toLowerCase()]
      const where = `${method} ${template} ${response.status}`
      expect(operation, where).toBeDefined()
      const name = operation?.responses[response.status] === undefined ? 'default' : String(response.status)
      if (name === 'default') expect(response.status, where).toBeGreaterThanOrEqual(400)
      seen.add(`${method} ${template}`)
      const content = operation?.responses[name]?.content
      const text = await response.text()
      if (content === undefined) return expect(text, where).toBe('')
      const type = response.headers.get('content-type')?.split(';')[0] ?? ''
      const kept = type in content ? type : '*/*'
      expect(Object.keys(content), `${where} ${type}`).toContain(kept)
      if (!type.endsWith('json') || kept === '*/*') return
      const pointer = ['paths', template, method.toLowerCase(), 'responses', name, 'content', kept, 'schema']
      const escaped = pointer.map(part => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      const validate = ajv.getSchema(`https://document.example/#/${escaped.join('/')}`)
      expect(validate?.(JSON.parse(text)), `${where}: ${JSON.stringify(validate?.errors)} ${text}`).toBe(true)
    }
  }
}

const input = {
  type: 'object',
  required: ['text'],
  properties: { text: { $ref: '#/$defs/line' } },
  $defs: { line: { type: 'string' } }
}
const output = { type: 'object', properties: { label: { type: 'string' } } }

describe('the OpenAPI document of the admin plane', () => {
  it('is valid by the schema of OpenAPI 3.1, and true of every answer', async () => {
    await using step = await startStep(418, json({ label: 'spam' }))
    await using gateway = await startTestGateway({ steps: [{ name: 'model', uri: step.url, delivery: { retry: 0 } }] })
    const document = await documentOf(gateway.adminUrl)
    expect(faultsOf(document)).toEqual([])
    const { check, seen } = describing(document)
    const call = async (method: string, template: string, path = template, init: RequestInit = {}) => {
      const response = await fetch(gateway.adminUrl + path, { method, ...init })
      await check(method, template, response)
    }
    const id = await submit(gateway)
    await ended(gateway, id)
    for (const path of ['/livez', '/readyz', '/metrics', '/openapi.json', '/docs', '/breakers', '/requests'])
      await call('GET', path)
    for (const path of ['/deadletters', '/replays']) await call('GET', path)
    await call('GET', '/requests', '/requests?nonsense=1')
    await call('GET', '/deadletters/{id}', `/deadletters/${id}`)
    await call('GET', '/deadletters/{id}', '/deadletters/none')
    await call('POST', '/deadletters/{id}/replay', `/deadletters/${id}/replay`)
    await call('POST', '/deadletters/replay')
    const jobs = (await (await fetch(`${gateway.adminUrl}/replays`)).json()) as { items: { id: string }[] }
    await call('GET', '/replays/{id}', `/replays/${jobs.items[0]?.id}`)
    await call('DELETE', '/replays/{id}', `/replays/${jobs.items[0]?.id}`)
    await call('DELETE', '/deadletters/{id}', `/deadletters/${id}`)
    const one = pathOf('{name}').replace('/default/', '/{namespace}/')
    const all = one.slice(0, one.lastIndexOf('/'))
    await call('GET', all.replace('/namespaces/{namespace}', ''))
    await call('GET', all, all.replace('{namespace}', 'default'))
    for (const name of ['test', 'none']) {
      await call('GET', one, pathOf(name))
      await call('GET', `${one}/status`, `${pathOf(name)}/status`)
    }
    const made = { body: definitionText('made', [step.url]), headers: { 'content-type': 'application/json' } }
    await call('PUT', one, pathOf('made'), made)
    await call('PUT', one, pathOf('made'), made)
    await call('PUT', one, pathOf('other'), made)
    await call('PATCH', one, pathOf('made'), { ...made, body: '{"metadata":{"labels":{"a":"b"}}}' })
    await call('POST', `${one}/rollouts/{step}`, `${pathOf('made')}/rollouts/model?do=abort`)
    await call('DELETE', one, pathOf('made'))
    const sourced = one.replace('servingpipelines', 'pipelines')
    const at = pathOf('sourced').replace('servingpipelines', 'pipelines')
    const text = definitionText('sourced', [step.url]).replace('ServingPipeline', 'Pipeline')
    await call('GET', sourced.slice(0, sourced.lastIndexOf('/')).replace('/namespaces/{namespace}', ''))
    await call('GET', sourced.slice(0, sourced.lastIndexOf('/')), at.slice(0, at.lastIndexOf('/')))
    await call('PUT', sourced, at, { ...made, body: text })
    await call('PATCH', sourced, at, { ...made, body: '{"metadata":{"labels":{"a":"b"}}}' })
    for (const part of ['', '/status']) await call('GET', sourced + part, at + part)
    await call('DELETE', sourced, at)
    await call('POST', '/convert', '/convert?to=Pipeline', made)
    await call('POST', '/convert', '/convert?to=Sequence', made)
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(method => `${method.toUpperCase()} ${path}`)
    )
    expect([...seen].toSorted()).toEqual(described.toSorted())
  })
})

describe('the OpenAPI document of the data plane', () => {
  it('has each pipeline with its contract, is valid, and true of every answer', async () => {
    await using step = await startStep(json({ label: 'spam' }))
    const spec = { contract: { input, output } }
    await using gateway = await startTestGateway({ steps: [step.url], spec })
    const document = await documentOf(gateway.url)
    expect(faultsOf(document)).toEqual([])
    const posted = document.paths['/default/test']?.['post'] as unknown as {
      requestBody: { content: Record<string, { schema: unknown }> }
    }
    expect(posted.requestBody.content['application/json']?.schema).toEqual({ $id: expect.any(String), ...input })
    const { check, seen } = describing(document)
    const path = '/default/test'
    const headers = { 'content-type': 'application/json' }
    const call = async (method: string, template: string, at = template, init: RequestInit = {}) => {
      const response = await fetch(gateway.url + at, { method, ...init })
      await check(method, template, response)
    }
    await call('GET', '/')
    await call('GET', '/openapi.json')
    await call('POST', path, path, { headers, body: '{"text":"a"}' })
    await call('POST', path, path, { headers, body: '{"text":1}' })
    await call('POST', path, path, { headers: { ...headers, prefer: 'respond-async' }, body: '{"text":"a"}' })
    const batch = { 'content-type': 'application/cloudevents-batch+json' }
    const event = { specversion: '1.0', id: '1', source: '/a', type: 't', data: { text: 'a' } }
    await call('POST', path, path, { headers: batch, body: JSON.stringify([event]) })
    await call('OPTIONS', path, path, { headers: { 'webhook-request-origin': 'a.example' } })
    const id = await submit(gateway, { data: { text: 'a' } })
    await ended(gateway, id)
    const request = '/{namespace}/{pipeline}/requests/{id}'
    for (const part of ['', '/reply']) {
      await call('GET', request + part, `${path}/requests/${id}${part}`)
      await call('GET', request + part, `${path}/requests/none${part}`)
    }
    await call('GET', `${request}/events`, `${path}/requests/${id}/events`)
    await call('DELETE', request, `${path}/requests/${id}`)
    for (const health of ['/v2/health/live', '/v2/health/ready']) await call('GET', health)
    const model = '/v2/models/{pipeline}'
    for (const name of ['test', 'none']) {
      await call('GET', `${model}/ready`, `/v2/models/${name}/ready`)
      await call('POST', `${model}/infer`, `/v2/models/${name}/infer`, { headers, body: '{"text":"a"}' })
    }
    const described = Object.entries(document.paths).flatMap(([at, operations]) =>
      Object.keys(operations).map(method => `${method.toUpperCase()} ${at}`)
    )
    expect([...seen].toSorted()).toEqual(described.toSorted())
    await submitBatch(gateway, [{ data: { text: 'a' } }])
  })

  it('has what the caller may call, and nothing else', async () => {
    await using gateway = await startTestGateway({
      steps: ['http://127.0.0.1:9'],
      spec: { access: { allow: [{ tokenName: 'shop' }] } }
    })
    expect((await documentOf(gateway.url)).paths).not.toHaveProperty('/default/test')
  })
})
