import { describe, expect, it } from 'vitest'
import { atOnce, pipelineText, startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { readStreamedText } from '../helpers/streamed-text.ts'
import { brokenOff, startStreamingStep } from '../helpers/streaming-step.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { configsOf, modes } from './asked.ts'
import { startNamedSteps } from './named-steps.ts'

const pieces = ['data: a\n\n', 'data: b\n\n']
const whole = pieces.join('')

type Body = readonly Record<string, unknown>[]

/** Each kind around the step that streams, and what it is written as. */
const kinds: Readonly<Record<string, (steps: Body, others: Body) => Record<string, unknown>>> = {
  switch: steps => ({ switch: [{ name: 'on', when: 'true', steps }] }),
  otherwise: steps => ({ switch: [{ name: 'off', when: 'false', steps: [{ transform: '1' }] }], otherwise: steps }),
  split: steps => ({ split: [{ name: 'all', steps }] }),
  pipeline: () => ({ pipeline: 'inner' }),
  first: (steps, others) => ({ parallel: { join: 'first', branches: branches(steps, others) } }),
  race: (steps, others) => ({ parallel: { join: 'race', branches: branches(steps, others) } })
}

const branches = (steps: Body, others: Body) => [
  { name: 'left', steps },
  { name: 'right', steps: others }
]

describe.each(modes)('a stream inside a structured step, %s,', mode => {
  const newConfig = configsOf(mode)
  const spec = mode === 'in memory' ? {} : { requests: { stored: true } }

  it.each(Object.keys(kinds))('reaches the caller as it comes: %s', async kind => {
    await using model = await startStreamingStep(pieces)
    await using named = await startNamedSteps()
    named.answers('slow', 'hangs')
    const steps = [{ name: 'model', uri: model.step.url }]
    const step = { name: 'outer', ...kinds[kind]?.(steps, [named.step('slow')]) }
    await using folder = await createTempFolder()
    const files = [
      await folder.write('test.json', pipelineText([step], spec)),
      await folder.write('inner.json', pipelineText(steps).replace('"name":"test"', '"name":"inner"'))
    ]
    await using gateway = await startTestGateway({ steps: [], config: { ...newConfig(), files } })
    const posted = gateway.post()
    model.gates[0]?.open()
    const streamed = readStreamedText(await posted)
    expect(await streamed.until('data: a')).toBe(pieces[0])
    model.gates[1]?.open()
    await waitFor(() => streamed.ended, { what: 'the end of the stream' })
    expect(streamed.text).toBe(whole)
    for (const call of named.calls) await waitFor(() => call.signal.aborted, { what: 'the other branch to be aborted' })
  })

  it('that breaks off is a failure of the step, is neither retried nor helped, and is never a whole answer', async () => {
    await using model = await startStreamingStep([pieces[0] ?? '', brokenOff])
    await using named = await startNamedSteps()
    named.answers('slow', 'hangs')
    const fallback = { data: 'instead' }
    const parallel = {
      join: 'race',
      branches: branches([{ name: 'model', uri: model.step.url }], [named.step('slow')])
    }
    await using gateway = await startTestGateway({
      steps: [{ name: 'outer', parallel, onFailure: { fallback } }],
      spec: { ...spec, delivery: { retry: 3, ...atOnce } },
      config: newConfig()
    })
    model.openAll()
    const text = await (await gateway.post()).text().catch((thrown: unknown) => String(thrown))
    expect(text).toMatch(/STEP_BROKEN_OFF|terminated/)
    expect([model.step.requests.length, named.count('slow')]).toEqual([1, 1])
  })

  it('of a branch that is not the first one is collected while the first may still reply', async () => {
    await using model = await startStreamingStep(pieces)
    await using named = await startNamedSteps()
    const gate = named.gate('before')
    named.answers('before', 400)
    const parallel = {
      join: 'first',
      branches: branches([named.step('before')], [{ name: 'model', uri: model.step.url }])
    }
    await using gateway = await startTestGateway({ steps: [{ name: 'outer', parallel }], spec, config: newConfig() })
    const posted = gateway.post()
    await model.step.waitForRequests(1)
    model.openAll()
    await waitFor(() => model.step.requests[0]?.signal.aborted === false, { what: 'the stream to be read' })
    gate.open()
    const answer = await posted
    expect([answer.status, await answer.text()]).toEqual([200, whole])
  })

  it('dies before its first octet: the other branch is taken', async () => {
    await using model = await startStreamingStep([brokenOff])
    await using spare = await startStreamingStep(pieces)
    const race = branches([{ name: 'model', uri: model.step.url }], [{ name: 'spare', uri: spare.step.url }])
    await using gateway = await startTestGateway({
      steps: [{ name: 'outer', parallel: { join: 'race', branches: race } }],
      spec: { ...spec, delivery: { retry: 1, ...atOnce } },
      config: newConfig()
    })
    model.openAll()
    const posted = gateway.post()
    await model.step.waitForRequests(2)
    spare.openAll()
    expect(await (await posted).text()).toBe(whole)
  })

  it('of a merge is joined as a whole', async () => {
    await using model = await startStreamingStep(pieces)
    await using other = await startStep({ headers: { 'content-type': 'application/json' }, body: '1' })
    model.openAll()
    const parallel = {
      branches: branches([{ name: 'model', uri: model.step.url }], [{ name: 'other', uri: other.url }])
    }
    await using gateway = await startTestGateway({ steps: [{ name: 'outer', parallel }], spec, config: newConfig() })
    expect(await (await gateway.post()).json()).toEqual({ left: whole, right: 1 })
  })
})
