import { expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { countsOf } from '../../src/kubernetes/controller/counts.ts'
import { Gateways } from '../../src/kubernetes/controller/gateways.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { testConfig } from '../helpers/gateway.ts'
import { sourcedText } from '../sources/sourced-gateway.ts'
import { api, apis, pathOf } from './apis.ts'

it('the controller hears of pipelines of both kinds, so that none counts as drained while it runs', async () => {
  await using gateway = await startGateway(testConfig({}))
  const spec = { steps: [{ transform: 'data' }], sinks: [{ name: 'seen', log: {} }] }
  await api(gateway, 'PUT', pathOf('serving'), definitionText('serving', [{ transform: 'data' }]))
  await api(gateway, 'PUT', `${apis}/namespaces/default/pipelines/test`, sourcedText(spec))
  await using gateways = new Gateways({ url: gateway.adminUrl, token: undefined })
  const reports = await gateways.ask()
  expect(reports.silent).toEqual([])
  expect(countsOf('default/serving', reports).phases).toEqual(['Running'])
  expect(countsOf('default/test', reports).phases).toEqual(['Running'])
})
