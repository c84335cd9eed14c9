import { expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'

it('serves pipelines to clients of the Open Inference Protocol', async () => {
  const reply = { model_name: 'm', outputs: [{ name: 'o', shape: [1], datatype: 'FP32', data: [1.5] }] }
  await using step = await startStep(
    { headers: { 'content-type': 'application/json' }, body: JSON.stringify(reply) },
    500
  )
  await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery: { retry: 0 } }] })
  const infer = (model: string) =>
    fetch(`${gateway.url}/v2/models/${model}/infer`, {
      method: 'POST',
      body: '{"inputs":[]}',
      headers: { 'content-type': 'application/json' }
    })
  const get = async (path: string) => (await fetch(gateway.url + path)).status

  expect(await (await infer('test')).json()).toEqual(reply)
  expect(step.requests[0]?.body.toString()).toBe('{"inputs":[]}')
  expect(await (await infer('test')).json()).toMatchObject({ error: 'step "step-1" answered 500', code: 'STEP_FAILED' })
  expect(await (await infer('none')).json()).toMatchObject({
    error: expect.stringContaining('no pipeline'),
    status: 404
  })
  expect(await get('/v2/health/live')).toBe(200)
  expect(await get('/v2/health/ready')).toBe(200)
  expect(await get('/v2/models/test/ready')).toBe(200)
  expect(await get('/v2/models/none/ready')).toBe(404)
})

it('says that a model is not ready whose steps have no address', async () => {
  await using gateway = await startTestGateway({
    steps: [{ ref: { kind: 'Service', apiVersion: 'v1', name: 'model' } }]
  })
  expect((await fetch(`${gateway.url}/v2/models/test/ready`)).status).toBe(503)
})
