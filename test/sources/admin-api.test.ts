import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { api, apis, pathOf } from '../control/apis.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { testConfig } from '../helpers/gateway.ts'
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

  it('refuses one below the path of the other kind, and a name that the other kind has', async () => {
    await using gateway = await startGateway(testConfig({}))
    const wrong = await api(gateway, 'PUT', pathOf('test'), sourcedText(spec))
    expect([wrong.status, wrong.body.code]).toEqual([400, 'INVALID_REQUEST'])
    await api(gateway, 'PUT', at('test'), sourcedText(spec))
    const second = await api(gateway, 'PUT', pathOf('test'), definitionText('test', [{ transform: 'data' }]))
    expect([second.status, second.body.code]).toEqual([409, 'CONFLICT'])
  })
})
