import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { replay } from '../replay/dead-letter-calls.ts'
import { startStoredGateway } from '../stored/stored-gateway.ts'
import { storeKinds, storesOf } from '../stored/stores.ts'
import { ask, configsOf, modes } from './asked.ts'
import { startNamedSteps, type NamedSteps } from './named-steps.ts'

/** The choices `v1`, which is a destination, and `v2`, which is two steps. */
const split = (steps: NamedSteps, options: Record<string, unknown> = {}) => {
  const { uri } = steps.step('v1')
  return {
    name: 'model',
    split: [
      { name: 'v1', uri },
      { name: 'v2', weight: 1, steps: [steps.step('b'), steps.step('c')] }
    ],
    ...options
  }
}

describe.each(modes)('a split, %s,', mode => {
  const newConfig = configsOf(mode)

  it('sends equal keys to the same choice, and the whole of them by weight', async () => {
    await using steps = await startNamedSteps()
    await using gateway = await startTestGateway({ steps: [split(steps, { key: 'data.user' })], config: newConfig() })
    const chosen = async () => {
      const answers = []
      for (let user = 0; user < 12; user++) answers.push((await ask(gateway, mode, `{"user":${user}}`)).text)
      return answers
    }
    const first = await chosen()
    expect(new Set(first)).toEqual(new Set(['"v1"', '"c"']))
    expect(await chosen()).toEqual(first)
    const paths = new Set(steps.calls.map(({ headers }) => headers['sluice-step']))
    expect(paths).toEqual(new Set(['model/v1', 'model/v2/b', 'model/v2/c']))
  })

  it('chooses for each request where the key gives nothing, and never what has no weight', async () => {
    await using steps = await startNamedSteps()
    const { uri } = steps.step('v1')
    const choices = [
      { weight: 0, uri },
      { weight: 2, steps: [steps.step('b')] },
      { weight: 2, steps: [steps.step('c')] }
    ]
    const model = { name: 'model', split: choices, key: 'data.missing' }
    await using gateway = await startTestGateway({ steps: [model], config: newConfig() })
    for (let i = 0; i < 16; i++) await ask(gateway, mode)
    const paths = new Set(steps.calls.map(({ headers }) => headers['sluice-step']))
    expect(paths).toEqual(new Set(['model/choice-2/b', 'model/choice-3/c']))
  })

  it('tells the step of the choice that failed', async () => {
    await using steps = await startNamedSteps()
    steps.answers('v1', 400)
    const model = split(steps, { key: '1' })
    model.split[1] = { name: 'v2', weight: 0, steps: [steps.step('b'), steps.step('c')] }
    await using gateway = await startTestGateway({ steps: [model], config: newConfig() })
    expect((await ask(gateway, mode)).json).toMatchObject({ code: 'STEP_REJECTED', step: 'v1', path: 'model/v1' })
  })
})

describe.each(storeKinds)('a stored request in a split, on %s,', kind => {
  const newStore = storesOf(kind)

  it('keeps its choice when it is replayed under an id of its own', async () => {
    await using steps = await startNamedSteps()
    steps.answers('b', 400)
    steps.answers('c', 400)
    const names = Array.from({ length: 8 }, (_, i) => `s${i}`)
    for (const name of names) steps.answers(name, 400)
    const model = { name: 'model', split: names.map(name => ({ name, steps: [steps.step(name)] })) }
    await using gateway = await startStoredGateway(newStore(), { steps: [model] })
    for (let i = 0; i < 4; i++) {
      const { id } = await gateway.accept()
      const { error } = await gateway.until(id, 'failed')
      const { id: again } = await replay(gateway, id)
      const { error: errorAgain } = await gateway.until(again, 'failed')
      expect(errorAgain?.path).toBe(error?.path)
    }
  })
})
