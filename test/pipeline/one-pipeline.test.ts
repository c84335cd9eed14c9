import { describe, expect, it } from 'vitest'
import { onePipeline, unusedFields, type Definitions, type Written } from '../../src/pipeline/one-pipeline.ts'
import { readPipelines } from '../../src/pipeline/read-pipelines.ts'

const written = (kind: string, spec: Record<string, unknown>, baseDir = '/base'): Written => {
  const text = JSON.stringify({ apiVersion: 'sluice.dev/v1alpha1', kind, metadata: { name: 'a' }, spec })
  const [parsed] = readPipelines([{ file: `${kind}.json`, text }]).pipelines
  if (parsed === undefined) throw new Error(`${kind} is faulty`)
  return { parsed, baseDir }
}
const serving = (spec: Record<string, unknown>, baseDir?: string) => written('ServingPipeline', spec, baseDir)
const sourced = (spec: Record<string, unknown>, baseDir?: string) => written('Pipeline', spec, baseDir)
const one = (parts: Partial<Definitions>) => onePipeline({ serving: undefined, sourced: undefined, last: {}, ...parts })

const steps = [{ transform: 'data' }]
const other = [{ name: 'other', transform: 'data' }]
const sinks = [{ name: 'seen', log: {} }]

describe('the definitions of one name', () => {
  it('are the one that is there, the same object, where there is one', () => {
    const alone = serving({ steps })
    expect(one({ serving: alone })).toMatchObject({ faults: [], taken: [], gone: undefined, keeps: {} })
    expect(one({ serving: alone })?.whole).toBe(alone.parsed)
    expect(one({})).toBeUndefined()
  })

  it('are the ServingPipeline with the fields that it lacks, and sources and sinks', () => {
    const found = one({
      serving: serving({ delivery: { retry: 1 }, deadline: '5s' }, '/serving'),
      sourced: sourced({
        steps,
        sinks,
        delivery: { retry: 2, timeout: '9s' },
        limits: { maxQueued: 3 },
        deadline: '1s'
      })
    })
    expect(found?.whole?.definition).toMatchObject({
      kind: 'ServingPipeline',
      spec: { steps, sinks, delivery: { retry: 1, timeout: '9s' }, limits: { maxQueued: 3 }, deadline: '5s' }
    })
    expect([found?.taken, found?.baseDir]).toEqual([['steps', 'delivery.timeout', 'limits.maxQueued'], '/base'])
    expect(found?.whole?.stepsOf?.file).toBe('Pipeline.json')
  })

  it('keep what was taken when the one is gone that it is from, as far as it is still lacking', () => {
    const { keeps = {} } =
      one({ serving: serving({}), sourced: sourced({ steps, sinks, limits: { maxQueued: 3 } }) }) ?? {}
    const left = one({ serving: serving({ limits: { maxQueued: 9 } }), last: keeps })
    expect(left?.whole?.definition.spec).toEqual({ steps, limits: { maxQueued: 9 } })
    expect([left?.taken, left?.gone]).toEqual([['steps'], 'Pipeline'])
    const again = one({ serving: serving({ limits: { maxQueued: 9 } }), last: left?.keeps ?? {} })
    expect(again?.keeps.ServingPipeline).toBe(left?.keeps.ServingPipeline)
    const own = one({ serving: serving({ steps: other, limits: { maxQueued: 9 } }), last: keeps })
    expect([own?.taken, own?.gone, own?.keeps]).toEqual([[], undefined, {}])
  })

  it('keep the steps of a Pipeline that had them from its ServingPipeline', () => {
    const { keeps = {} } = one({ serving: serving({ steps }), sourced: sourced({ sinks }) }) ?? {}
    const left = one({ sourced: sourced({ sinks }), last: keeps })
    expect(left?.whole?.definition).toMatchObject({ kind: 'Pipeline', spec: { steps, sinks } })
    expect([left?.taken, left?.gone]).toEqual([['steps'], 'ServingPipeline'])
  })

  it('are faulty where none has steps, and where a step is called like the sinks', () => {
    const none = one({ serving: serving({}), sourced: sourced({ sinks }) })
    expect([none?.whole, none?.faults.map(({ file, path }) => [file, path])]).toEqual([
      undefined,
      [
        ['ServingPipeline.json', 'spec.steps'],
        ['Pipeline.json', 'spec.steps']
      ]
    ])
    const named = one({
      serving: serving({ steps: [{ name: 'sinks', transform: 'data' }] }),
      sourced: sourced({ sinks })
    })
    expect(named?.faults).toMatchObject([{ file: 'ServingPipeline.json', path: 'spec.steps[0].name' }])
  })

  it('find files of headers from the folders of their own definitions', () => {
    const header = { headers: { authorization: { file: 'token' } } }
    const found = one({
      serving: serving({ steps: [{ uri: 'http://a.test', ...header }] }, '/serving'),
      sourced: sourced({ sinks: [{ name: 'kept', uri: 'http://b.test', ...header }] }, '/sourced')
    })
    expect(found?.baseDir).toBe('/serving')
    expect(found?.whole?.definition.spec.steps[0]?.headers).toEqual(header.headers)
    expect(found?.whole?.definition.spec.sinks?.[0]?.headers).toEqual({ authorization: { file: '/sourced/token' } })
  })
})

describe('the fields of a Pipeline that do nothing beside a ServingPipeline', () => {
  const unused = (spec: Record<string, unknown>) =>
    unusedFields(sourced({ steps, sinks, ...spec }).parsed.definition.spec)

  it('are those that neither are taken nor say whence and whither', () => {
    expect(unused({ delivery: { retry: 1 }, limits: { maxQueued: 5 } })).toEqual([])
    expect(unused({ lifecycle: { desiredPhase: 'Paused' }, ordering: 'key' })).toEqual(['lifecycle', 'ordering'])
  })

  it('are not told where they are as Kubernetes fills them in', () => {
    const lifecycle = { desiredPhase: 'Running', pauseGracePeriodSeconds: 30 }
    expect(unused({ lifecycle, ordering: 'none' })).toEqual([])
  })
})
