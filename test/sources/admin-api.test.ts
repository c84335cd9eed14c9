import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { api, apis, pathOf } from '../control/apis.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { testConfig } from '../helpers/gateway.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { sourcedText } from './sourced-gateway.ts'

const at = (name: string): string => `${apis}/namespaces/default/pipelines/${name}`
const spec = { steps: [{ transform: 'data' }], sinks: [{ name: 'seen', log: {} }] }

describe('the admin API of pipelines without a serving ingress', () => {
  it('makes, shows, changes and deletes them, apart from the others', async () => {
    await using gateway = await startGateway(testConfig({}))
    const serving = definitionText('serving', [{ transform: 'data' }])
    expect((await api(gateway, 'PUT', pathOf('serving'), serving)).status).toBe(201)
    const put = await api(gateway, 'PUT', at('test'), sourcedText(spec))
    expect([put.status, put.body.kind, put.body.spec]).toEqual([201, 'Pipeline', spec])
    expect((await api(gateway, 'GET', `${at('test')}/status`)).body.phase).toBe('Running')
    const names = async (path: string) =>
      (await api(gateway, 'GET', apis + path)).body.items.map(
        ({ metadata }: { metadata: { name: string } }) => metadata.name
      )
    expect([await names('/pipelines'), await names('/servingpipelines')]).toEqual([['test'], ['serving']])
    expect((await api(gateway, 'GET', pathOf('test'))).status).toBe(404)
    const paused = { spec: { lifecycle: { desiredPhase: 'Paused' } } }
    expect((await api(gateway, 'PATCH', pathOf('test'), paused)).status).toBe(404)
    expect((await api(gateway, 'PATCH', at('test'), paused)).status).toBe(200)
    expect((await api(gateway, 'DELETE', pathOf('test'))).status).toBe(404)
    expect((await api(gateway, 'DELETE', at('test'))).status).toBe(202)
  })

  it('refuses one below the path of the other kind', async () => {
    await using gateway = await startGateway(testConfig({}))
    const wrong = await api(gateway, 'PUT', pathOf('test'), sourcedText(spec))
    expect([wrong.status, wrong.body.code]).toEqual([400, 'INVALID_REQUEST'])
  })

  it('shows both kinds of one name, each as it was written, with a version and a watch of its own', async () => {
    await using gateway = await startGateway(testConfig({}))
    const ending = new AbortController()
    const seen: string[] = []
    const watching = watchNames(`${gateway.adminUrl}${apis}/pipelines?watch=true`, ending.signal, seen)
    const sourced = await api(gateway, 'PUT', at('test'), sourcedText(spec))
    const serving = await api(
      gateway,
      'PUT',
      pathOf('test'),
      definitionText('test', [{ name: 'own', transform: 'data' }])
    )
    expect([sourced.status, serving.status]).toEqual([201, 201])
    expect([serving.body.spec, serving.body.status.taken]).toEqual([
      { steps: [{ name: 'own', transform: 'data' }] },
      []
    ])
    const version = { 'if-match': serving.headers.get('etag') ?? '' }
    const deadline = { spec: { deadline: '5s' } }
    expect((await api(gateway, 'PATCH', pathOf('test'), deadline, version)).status).toBe(200)
    expect((await api(gateway, 'PATCH', pathOf('test'), deadline, version)).status).toBe(409)
    const again = await api(gateway, 'GET', at('test'))
    expect([again.headers.get('etag'), again.body.spec]).toEqual([sourced.headers.get('etag'), spec])
    expect(again.body.metadata.generation).toBe((await api(gateway, 'GET', pathOf('test'))).body.metadata.generation)
    for (const path of ['/pipelines', '/servingpipelines'])
      expect((await api(gateway, 'GET', apis + path)).body.items).toHaveLength(1)
    expect((await api(gateway, 'DELETE', at('test'))).body.status.phase).toBe('Deleting')
    await waitFor(() => seen.at(-1) === 'DELETED', { what: 'the end of the Pipeline' })
    expect(seen[0]).toBe('ADDED')
    expect((await api(gateway, 'GET', pathOf('test'))).body.status.phase).toBe('Running')
    expect((await api(gateway, 'PUT', at('test'), sourcedText(spec))).status).toBe(201)
    ending.abort()
    await watching
  })
})

/** The types of the changes, as they come. */
async function watchNames(url: string, signal: AbortSignal, seen: string[]): Promise<void> {
  const { body } = await fetch(url, { signal })
  if (body === null) throw new Error('a watch without a body')
  try {
    for await (const line of createInterface({ input: Readable.fromWeb(body) })) {
      if (line !== '') seen.push(JSON.parse(line).type)
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown
  }
}
