import { describe, expect, it } from 'vitest'
import { pipelineText, startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { ask, configsOf, modes } from './asked.ts'
import { startNamedSteps, type NamedSteps } from './named-steps.ts'

type Step = Record<string, unknown>

const body = '{"n":1}'
const kinds = ['switch', 'split', 'pipeline', 'merge', 'array', 'first', 'race'] as const
const situations = ['well', 'fails', 'times out', 'filtered', 'skipped'] as const

type Kind = (typeof kinds)[number]
type Situation = (typeof situations)[number]

/** A caller gets a status, and the body, or the code of the problem and the path of the step, or the filter's name. */
type Gets = readonly [number, string] | readonly [number, string, string]

/** The one step inside a step that holds a sequence decides; of branches, `left` is the one that something happens to. */
const one = (path: string): Record<Situation, Gets> => ({
  well: [200, '"model"'],
  fails: [422, 'STEP_REJECTED', path],
  'times out': [504, 'STEP_TIMEOUT', path],
  filtered: [204, 'model'],
  skipped: [200, body]
})

const joined = (both: string, right: string): Record<Situation, Gets> => ({
  well: [200, both],
  fails: [422, 'STEP_REJECTED', 'outer/left/model'],
  'times out': [504, 'STEP_TIMEOUT', 'outer/left/model'],
  filtered: [200, right],
  skipped: [200, right]
})

const forgiving: Record<Situation, Gets> = {
  well: [200, '"model"'],
  fails: [200, '"right"'],
  'times out': [200, '"right"'],
  filtered: [200, '"right"'],
  skipped: [200, '"right"']
}

const table: Record<Kind, Record<Situation, Gets>> = {
  switch: one('outer/on/model'),
  split: one('outer/all/model'),
  pipeline: one('outer/model'),
  merge: joined('{"left":"model","right":"right"}', '{"right":"right"}'),
  array: joined('["model","right"]', '[null,"right"]'),
  first: forgiving,
  race: forgiving
}

/** The step that holds these; a branch that is to be skipped has the condition itself. */
function outer(kind: Kind, model: Step, right: Step, skips: boolean): Step {
  const when = skips ? { when: 'false' } : {}
  switch (kind) {
    case 'switch':
      return { name: 'outer', switch: [{ name: 'on', when: 'true', steps: [{ ...model, ...when }] }] }
    case 'split':
      return { name: 'outer', split: [{ name: 'all', steps: [{ ...model, ...when }] }] }
    case 'pipeline':
      return { name: 'outer', pipeline: 'inner' }
    default: {
      const branches = [
        { name: 'left', steps: [model], ...when },
        { name: 'right', steps: [right] }
      ]
      return { name: 'outer', parallel: { join: kind, branches } }
    }
  }
}

/** Serves the step, with the pipeline that it may nest. */
async function serve(step: Step, inner: Step, config: { readonly store: string }) {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const files = [
    await folder.write('test.json', pipelineText([step])),
    await folder.write('inner.json', pipelineText([inner]).replace('"name":"test"', '"name":"inner"'))
  ]
  const gateway = opened.use(await startTestGateway({ steps: [], config: { ...config, files } }))
  const owned = opened.move()
  return { gateway, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function gets(gateway: TestGateway, mode: (typeof modes)[number]): Promise<Gets> {
  const { status, headers, text, json } = await ask(gateway, mode, body)
  if (status === 204) return [status, headers.get('sluice-step') ?? '']
  return status === 200 ? [status, text] : [status, String(json['code']), String(json['path'])]
}

function prepare(steps: NamedSteps, kind: Kind, situation: Situation): void {
  if (situation === 'fails') steps.answers('model', 400)
  if (situation === 'times out') steps.answers('model', 'hangs')
  if (situation === 'filtered') steps.answers('model', 'empty')
  // The first one is certain.
  if (kind === 'race' && situation === 'well') steps.answers('right', 'hangs')
}

describe.each(modes)('a caller, %s,', mode => {
  const newConfig = configsOf(mode)

  it.each(kinds.flatMap(kind => situations.map(situation => [kind, situation] as const)))(
    'gets of %s, when a step in it %s, what the table says',
    async (kind, situation) => {
      await using steps = await startNamedSteps()
      prepare(steps, kind, situation)
      const waits = situation === 'times out' ? { timeout: '300ms' } : {}
      const model = steps.step('model', { delivery: { retry: 0 }, ...waits })
      const skips = situation === 'skipped'
      const inner = skips ? { ...model, when: 'false' } : model
      await using served = await serve(outer(kind, model, steps.step('right'), skips), inner, newConfig())
      expect(await gets(served.gateway, mode)).toEqual(table[kind][situation])
      expect(steps.count('model')).toBe(skips ? 0 : 1)
    }
  )
})

describe('a caller who leaves', () => {
  const newConfig = configsOf('in memory')

  it.each(kinds)('has every call inside %s aborted', async kind => {
    await using steps = await startNamedSteps()
    steps.answers('model', 'hangs')
    steps.answers('right', 'hangs')
    const model = steps.step('model')
    await using served = await serve(outer(kind, model, steps.step('right'), false), model, newConfig())
    const leaving = new AbortController()
    const left = served.gateway.post(body, { signal: leaving.signal }).catch(() => 'left')
    await steps.waitForCall('model')
    const isBranched = steps.calls.length > 1 || ['merge', 'array', 'first', 'race'].includes(kind)
    if (isBranched) await steps.waitForCall('right')
    leaving.abort()
    expect(await left).toBe('left')
    for (const call of steps.calls) await waitFor(() => call.signal.aborted, { what: 'the call to be aborted' })
    expect(steps.calls).toHaveLength(isBranched ? 2 : 1)
  })
})
