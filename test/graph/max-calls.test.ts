import { describe, expect, it } from 'vitest'
import { atOnce, startTestGateway } from '../helpers/gateway.ts'
import { ask, configsOf, modes } from './asked.ts'
import { startNamedSteps } from './named-steps.ts'

describe.each(modes)('limits.maxCalls, %s,', mode => {
  const newConfig = configsOf(mode)

  it('counts attempts, fallbacks and branches together, and names the step and its last failure', async () => {
    await using steps = await startNamedSteps()
    for (const name of ['b', 'spare']) steps.answers(name, 500)
    const onFailure = { fallback: { uri: `${steps.url}/spare` } }
    const branches = [
      { name: 'left', steps: [steps.step('a')] },
      { name: 'right', steps: [steps.step('b', { onFailure, delivery: { retry: 3, ...atOnce } })] }
    ]
    const fan = { name: 'fan', parallel: { branches, require: 2 }, onFailure: 'continue' }
    await using gateway = await startTestGateway({
      steps: [fan],
      spec: { limits: { maxCalls: 4 } },
      config: newConfig()
    })
    const { status, json } = await ask(gateway, mode)
    expect(status).toBe(502)
    expect(json).toMatchObject({ code: 'CALL_LIMIT', step: 'b', path: 'fan/right/b' })
    expect(json['detail']).toMatch(/"b" was not called.*limits\.maxCalls.*its last failure: .*answered 500/)
    expect(steps.names.toSorted()).toEqual(['a', 'b', 'b', 'b'])
  })
})
