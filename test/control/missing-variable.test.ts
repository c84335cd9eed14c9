import { expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { aDefinition, api, conditionOf, pathOf, statusWhen } from './apis.ts'

it('a kept definition whose variable is not set at the next start has no address, and the others serve', async () => {
  await using step = await startStep(({ url }) => ({ body: url }))
  await using folder = await createTempFolder()
  const store = `sqlite:${folder.path}/s.db`
  const post = ({ url }: { url: string }, name: string) =>
    fetch(`${url}/default/${name}`, { method: 'POST', body: '{}' })
  {
    const processEnv = { ...process.env, STEP_URL: step.url }
    await using gateway = await startGateway(testConfig({ store, processEnv }))
    const put = await api(gateway, 'PUT', pathOf('a'), aDefinition('a', ['${STEP_URL}/a']))
    expect(put.status).toBe(201)
    expect(put.body.spec.steps[0].uri).toBe('${STEP_URL}/a')
    await api(gateway, 'PUT', pathOf('b'), aDefinition('b', [`${step.url}/b`]))
    expect(await (await post(gateway, 'a')).text()).toBe('/a')
  }
  await using gateway = await startGateway(testConfig({ store }))
  expect(await (await post(gateway, 'b')).text()).toBe('/b')
  const status = await statusWhen(gateway, 'a', ({ phase }) => phase === 'Pending')
  expect(conditionOf(status, 'Resolved')).toMatchObject({ status: 'False', reason: 'Unresolved' })
  expect(conditionOf(status, 'Resolved').message).toContain('${STEP_URL}/a')
  const refused = await api(gateway, 'PUT', pathOf('c'), aDefinition('c', ['${STEP_URL}/c']))
  expect(refused.body.detail).toContain('STEP_URL')
})

it('a kept definition that this version cannot compile is faulty, and the others serve', async () => {
  await using step = await startStep(({ url }) => ({ body: url }))
  await using folder = await createTempFolder()
  const path = `${folder.path}/s.db`
  {
    await using gateway = await startGateway(testConfig({ store: `sqlite:${path}` }))
    for (const name of ['a', 'b']) await api(gateway, 'PUT', pathOf(name), aDefinition(name, [`${step.url}/${name}`]))
  }
  {
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(path)
    const broken = { ...aDefinition('a', []), spec: { steps: [{ name: 's', transform: '((' }] } }
    const text = JSON.stringify({ definition: broken, deleting: false, createdAt: 1, at: 1 })
    database.prepare(`UPDATE documents SET text = ? WHERE kind = 'definition' AND name = 'default/a@1'`).run(text)
    database.close()
  }
  await using gateway = await startGateway(testConfig({ store: `sqlite:${path}` }))
  const answer = await fetch(`${gateway.url}/default/b`, { method: 'POST', body: '{}' })
  expect(await answer.text()).toBe('/b')
  const status = await statusWhen(gateway, 'a', ({ phase }) => phase === 'Failed')
  expect(conditionOf(status, 'Valid')).toMatchObject({ status: 'False', reason: 'Faulty' })
})
