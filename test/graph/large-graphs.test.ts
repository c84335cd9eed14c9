import { describe, expect, it } from 'vitest'
import { pipelineText, startTestGateway } from '../helpers/gateway.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { ask, configsOf, modes } from './asked.ts'
import { startNamedSteps } from './named-steps.ts'

type Step = Record<string, unknown>

/** Twelve steps, each in the one before, of kinds by turns; `inside` is the innermost. */
function twelveDeep(inside: Step): Step {
  let step = inside
  for (let depth = 12; depth > 0; depth--) {
    const name = `d${depth}`
    const steps = [step]
    if (depth % 3 === 0) step = { name, switch: [{ name: 'on', when: 'true', steps }] }
    else if (depth % 3 === 1) step = { name, split: [{ name: 'all', steps }] }
    else step = { name, parallel: { join: 'first', branches: [{ name: 'only', steps }] } }
  }
  return step
}

const deepPath = Array.from({ length: 12 }, (_, i) => `d${i + 1}/${['all', 'only', 'on'][i % 3]}`).join('/')

describe.each(modes)('a graph, %s,', mode => {
  const newConfig = configsOf(mode)

  it('may be twelve deep: its reply comes out, and its failure names the whole path', async () => {
    await using steps = await startNamedSteps()
    await using gateway = await startTestGateway({ steps: [twelveDeep(steps.step('deep'))], config: newConfig() })
    expect((await ask(gateway, mode)).text).toBe('"deep"')
    expect(steps.calls[0]?.headers['sluice-step']).toBe(`${deepPath}/deep`)
    steps.answers('deep', 400)
    expect(await ask(gateway, mode)).toMatchObject({ status: 422, json: { path: `${deepPath}/deep`, step: 'deep' } })
    expect(steps.count('deep')).toBe(2)
  })

  it('may have every kind in one', async () => {
    await using steps = await startNamedSteps()
    await using folder = await createTempFolder()
    steps.answers('broken', 400)
    const outer: Step[] = [
      steps.step('call'),
      { name: 'made', transform: '{"made": data}' },
      {
        name: 'route',
        switch: [{ name: 'no', when: 'false', steps: [steps.step('never')] }],
        otherwise: [steps.step('yes')]
      },
      {
        name: 'share',
        split: [
          { name: 'all', weight: 1, uri: `${steps.url}/split` },
          { name: 'none', weight: 0, uri: steps.url }
        ]
      },
      { name: 'nest', pipeline: 'inner' },
      {
        name: 'fan',
        parallel: {
          branches: [
            { name: 'a', steps: [steps.step('a')] },
            {
              name: 'b',
              steps: [
                { name: 'race', parallel: { join: 'race', branches: [{ name: 'only', steps: [steps.step('b')] }] } }
              ]
            }
          ]
        }
      },
      steps.step('broken', { onFailure: 'continue', delivery: { retry: 0 } }),
      {
        name: 'seen',
        transform: '{"fan": data, "made": $steps.made.data, "nest": $steps.nest.data, "all": $keys($steps)}'
      }
    ]
    const files = [
      await folder.write('test.json', pipelineText(outer)),
      await folder.write('inner.json', pipelineText([steps.step('in')]).replace('"name":"test"', '"name":"inner"'))
    ]
    await using gateway = await startTestGateway({ steps: [], config: { ...newConfig(), files } })
    expect((await ask(gateway, mode)).json).toEqual({
      fan: { a: 'a', b: 'b' },
      made: { made: 'call' },
      nest: 'in',
      all: ['call', 'made', 'route', 'share', 'nest', 'fan']
    })
    expect(steps.names.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'a',
      'b',
      'broken',
      'call',
      'in',
      'split',
      'yes'
    ])
  })

  it('may have 64 branches, which run at the same time, and are joined in their order', async () => {
    await using steps = await startNamedSteps()
    const names = Array.from({ length: 64 }, (_, i) => `b${i}`)
    const gates = names.map(name => steps.gate(name))
    const branches = names.map(name => ({ name, steps: [steps.step(name)] }))
    await using gateway = await startTestGateway({
      steps: [{ name: 'fan', parallel: { branches } }],
      config: newConfig()
    })
    const asked = ask(gateway, mode)
    await waitFor(() => steps.calls.length === 64, { what: 'all branches at once' })
    for (const gate of gates.toReversed()) gate.open()
    const { text } = await asked
    expect(text).toBe(JSON.stringify(Object.fromEntries(names.map(name => [name, name]))))
    expect(steps.calls).toHaveLength(64)
  })

  it('of 64 branches aborts the others as soon as one has failed', async () => {
    await using steps = await startNamedSteps()
    const names = Array.from({ length: 64 }, (_, i) => `b${i}`)
    for (const name of names) steps.answers(name, 'hangs')
    const gate = steps.gate('b40')
    steps.answers('b40', 400)
    const branches = names.map(name => ({ name, steps: [steps.step(name)] }))
    await using gateway = await startTestGateway({
      steps: [{ name: 'fan', parallel: { branches } }],
      config: newConfig()
    })
    const asked = ask(gateway, mode)
    await waitFor(() => steps.calls.length === 64, { what: 'all branches at once' })
    gate.open()
    expect(await asked).toMatchObject({ status: 422, json: { path: 'fan/b40/b40' } })
    const others = steps.calls.filter(({ url }) => !url.endsWith('/b40'))
    for (const { signal } of others) await waitFor(() => signal.aborted, { what: 'the other branches to be aborted' })
  })
})
