import { describe, expect, it } from 'vitest'
import { pipelineText, startTestGateway, type StepText } from '../helpers/gateway.ts'
import { createTempFolder, type TempFolder } from '../helpers/temp-folder.ts'
import { replay } from '../replay/dead-letter-calls.ts'
import { startStoredGateway } from '../stored/stored-gateway.ts'
import { storeKinds, storesOf } from '../stored/stores.ts'
import { ask, configsOf, modes } from './asked.ts'
import { startNamedSteps } from './named-steps.ts'

/** A definition of another pipeline than `test`. */
const pipelineNamed = (name: string, steps: readonly StepText[], spec: Record<string, unknown> = {}): string =>
  pipelineText(steps, spec).replace('"name":"test"', `"name":"${name}"`)

/** The files of `test`, which has these steps, and of others. */
async function filesOf(folder: TempFolder, steps: readonly StepText[], ...others: readonly string[]) {
  const files = [await folder.write('test.json', pipelineText(steps))]
  for (const [i, text] of others.entries()) files.push(await folder.write(`other-${i}.json`, text))
  return files
}

describe.each(modes)('a nested pipeline, %s,', mode => {
  const newConfig = configsOf(mode)

  it('runs in this one: its steps have paths of the outer pipeline, and see only its own events', async () => {
    await using steps = await startNamedSteps()
    await using folder = await createTempFolder()
    const look = { name: 'look', transform: '{"request": $request.data, "steps": $keys($steps), "got": data}' }
    const inner = pipelineNamed('inner', [steps.step('b'), look])
    const outer = [steps.step('a'), { name: 'nest', pipeline: 'inner', input: '{"n": 2}' }, steps.step('b')]
    const files = await filesOf(folder, outer, inner)
    await using gateway = await startTestGateway({ steps: outer, config: { ...newConfig(), files } })
    expect((await ask(gateway, mode)).text).toBe('"b"')
    expect(steps.calls.map(({ headers }) => headers['sluice-step'])).toEqual(['a', 'nest/b', 'b'])
    const [, first, last] = steps.calls
    expect(first?.body.toString()).toBe('{"n":2}')
    expect(last?.body.toString()).toBe('{"request":{"n":2},"steps":"b","got":"b"}')
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    expect(metrics).toMatch(/sluice_step_attempts_total\{pipeline="default\/test",step="nest\/b"\} 1/)
    expect(metrics).not.toMatch(/sluice_step_attempts_total\{pipeline="default\/inner"/)
  })

  it('fails with the path of its step, in the name of the outer pipeline', async () => {
    await using steps = await startNamedSteps()
    await using folder = await createTempFolder()
    steps.answers('b', 400)
    const files = await filesOf(
      folder,
      [{ name: 'nest', pipeline: 'default/middle' }],
      pipelineNamed('middle', [{ name: 'deep', pipeline: 'inner' }]),
      pipelineNamed('inner', [steps.step('b')], { delivery: { deadLetterSink: { uri: `${steps.url}/sink` } } })
    )
    await using gateway = await startTestGateway({ steps: [], config: { ...newConfig(), files } })
    const { status, json } = await ask(gateway, mode)
    expect(status).toBe(422)
    expect(json).toMatchObject({ pipeline: 'default/test', step: 'b', path: 'nest/deep/b', code: 'STEP_REJECTED' })
    expect(steps.count('sink')).toBe(0)
  })
})

it('is not ready while no source has a nested pipeline of the name', async () => {
  await using folder = await createTempFolder()
  const files = await filesOf(folder, [{ name: 'nest', pipeline: 'missing' }])
  await using gateway = await startTestGateway({ steps: [], config: { files } })
  const { status, json } = await ask(gateway, 'in memory')
  expect(status).toBe(503)
  expect(json).toMatchObject({ code: 'PIPELINE_NOT_READY' })
  expect(json['detail']).toContain('pipeline default/missing')
})

it('is a fault of the definition that closes a cycle', async () => {
  await using folder = await createTempFolder()
  const files = await filesOf(
    folder,
    [{ name: 'nest', pipeline: 'one' }],
    pipelineNamed('one', [{ name: 'into', pipeline: 'two' }]),
    pipelineNamed('two', [{ name: 'back', pipeline: 'one' }])
  )
  await expect(startTestGateway({ steps: [], config: { files } })).rejects.toThrow(
    /other-1\.json:1:\d+ spec\.steps\[0\]\.pipeline: it nests itself: default\/two → default\/one → default\/two/
  )
})

it('starts the local steps of a nested pipeline once, for all that nest it', async () => {
  await using folder = await createTempFolder()
  const script = await folder.write(
    'step.mjs',
    `import { createServer } from 'node:http'
     createServer((request, response) => response.end(String(process.pid))).listen(process.env.PORT)`
  )
  const inner = pipelineNamed('inner', [{ name: 'local', run: { command: [process.execPath, script] } }])
  const files = await filesOf(folder, [{ name: 'nest', pipeline: 'inner' }], inner)
  await using gateway = await startTestGateway({ steps: [], config: { files } })
  const own = await fetch(`${gateway.url}/default/inner`, { method: 'POST', body: '{}' })
  expect(own.status).toBe(200)
  expect(await (await gateway.post()).text()).toBe(await own.text())
})

describe.each(storeKinds)('a stored request in a nested pipeline, on %s,', kind => {
  const newStore = storesOf(kind)

  it('goes on after its last step inside, on the nested steps that it was accepted with', async () => {
    await using steps = await startNamedSteps()
    await using folder = await createTempFolder()
    const gate = steps.gate('c')
    const store = newStore()
    const outer = [{ name: 'nest', pipeline: 'inner' }, steps.step('z')]
    const files = await filesOf(folder, outer, pipelineNamed('inner', [steps.step('b'), steps.step('c')]))
    let id: string
    {
      await using gateway = await startStoredGateway(store, { steps: [], config: { files } })
      id = (await gateway.accept()).id
      await steps.waitForCall('c')
    }
    gate.open()
    await filesOf(folder, outer, pipelineNamed('inner', [steps.step('other')]))
    await using gateway = await startStoredGateway(store, { steps: [], config: { files } })
    await gateway.until(id, 'replied')
    expect(steps.names).toEqual(['b', 'c', 'c', 'z'])
    // The nested pipeline as it is now counts for new requests, which are of another generation.
    const { id: newer } = await gateway.accept()
    expect((await gateway.until(newer, 'replied')).generation).toBe(2)
    expect(steps.names.slice(4)).toEqual(['other', 'z'])
  })

  it('is replayed from the step inside that failed', async () => {
    await using steps = await startNamedSteps()
    await using folder = await createTempFolder()
    steps.answers('c', 400)
    const outer = [{ name: 'nest', pipeline: 'inner' }, steps.step('z')]
    const files = await filesOf(folder, outer, pipelineNamed('inner', [steps.step('b'), steps.step('c')]))
    await using gateway = await startStoredGateway(newStore(), { steps: [], config: { files } })
    const { id } = await gateway.accept()
    await gateway.until(id, 'failed')
    steps.answers('c', { json: 'c' })
    const { id: again } = await replay(gateway, id)
    await gateway.until(again, 'replied')
    expect(steps.names).toEqual(['b', 'c', 'c', 'z'])
  })
})
