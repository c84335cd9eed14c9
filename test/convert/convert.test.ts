import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { convertDefinitions } from '../../src/convert/convert-definitions.ts'
import { readPipelines } from '../../src/pipeline/read-pipelines.ts'

const head = (kind: string, name = 'comments'): string =>
  `apiVersion: sluice.dev/v1alpha1\nkind: ${kind}\nmetadata: {name: ${name}}\n`

/** The definitions that come of a text, of which none may have faults. */
function converted(text: string, to: string) {
  const { documents, notCarried } = convertDefinitions({ file: 'it.yaml', text }, to)
  const written = documents.map(String).join('---\n')
  expect(readPipelines([{ file: 'written.yaml', text: written }]).faults).toEqual([])
  return { written, values: documents.map(document => document.toJS()), notCarried }
}

describe('convert', () => {
  it('makes the reply of a ServingPipeline the sink of a Pipeline', () => {
    const text = `${head('ServingPipeline')}spec:
  # what is asked
  steps: [{name: a, uri: http://a.test}]
  deadline: PT1M
  reply: {uri: http://b.test, headers: {x-key: {env: KEY}}}
`
    const { written, values, notCarried } = converted(text, 'Pipeline')
    expect(notCarried).toEqual([])
    expect(written).toContain('# what is asked')
    expect(values).toMatchObject([
      {
        kind: 'Pipeline',
        spec: {
          steps: [{ name: 'a', uri: 'http://a.test' }],
          deadline: 'PT1M',
          sinks: [{ name: 'reply', uri: 'http://b.test', headers: { 'x-key': { env: 'KEY' } } }]
        }
      }
    ])
    expect(values[0].spec.reply).toBeUndefined()
  })

  it('brings a reply back to where it was', () => {
    const text = `${head('ServingPipeline')}spec: {steps: [{uri: "http://a.test"}], reply: {uri: "http://b.test"}}\n`
    const there = converted(text, 'Pipeline')
    const back = converted(there.written, 'ServingPipeline')
    expect(back.notCarried).toEqual([])
    expect(back.values).toEqual(parseAllDocuments(text).map(document => document.toJS()))
  })

  it('names each part of a Pipeline that a ServingPipeline cannot express, and why', () => {
    const text = `${head('Pipeline', 'feed')}spec:
  sources:
    - {name: often, schedule: {cron: "* * * * *"}}
  steps: [{uri: http://a.test}]
  sinks:
    - {name: one, uri: http://b.test}
    - {name: two, log: {}}
`
    const { values, notCarried } = converted(text, 'ServingPipeline')
    expect(values[0].spec).toEqual({ steps: [{ uri: 'http://a.test' }] })
    expect(notCarried).toEqual([
      { pipeline: 'default/feed', path: 'spec.sources[0]', reason: 'a ServingPipeline is called; it reads nowhere' },
      {
        pipeline: 'default/feed',
        path: 'spec.sinks[0]',
        reason: 'the reply of a ServingPipeline has one destination, and here are several sinks'
      },
      {
        pipeline: 'default/feed',
        path: 'spec.sinks[1]',
        reason: 'the reply of a ServingPipeline goes to a uri or ref only'
      }
    ])
  })

  it('tells of the delivery of a sink, which a reply has not', () => {
    const sink = '{name: out, uri: "http://b.test", delivery: {retry: 9}}'
    const text = `${head('Pipeline')}spec: {steps: [{uri: "http://a.test"}], sinks: [${sink}]}\n`
    const { values, notCarried } = converted(text, 'ServingPipeline')
    expect(values[0].spec.reply).toEqual({ uri: 'http://b.test' })
    expect(notCarried.map(({ path }) => path)).toEqual(['spec.sinks[0].delivery'])
  })

  it("does not make a sink beside a step that is called 'sinks'", () => {
    const step = '{name: sinks, uri: "http://a.test"}'
    const text = `${head('ServingPipeline')}spec: {steps: [${step}], reply: {uri: "http://b.test"}}\n`
    const { notCarried } = converted(text, 'Pipeline')
    expect(notCarried.map(({ path }) => path)).toEqual(['spec.reply'])
  })

  it('writes out what an alias stands for, which may go', () => {
    const text = `${head('Pipeline')}spec:
  sources: [{name: s, schedule: {cron: "* * * * *", data: &words {a: 1}}}]
  steps: [{uri: http://a.test}]
  sinks: [{name: out, uri: http://b.test, headers: &key {x: y}}]
  delivery: {deadLetterSink: {uri: http://c.test, headers: *key}}
`
    const { values } = converted(text, 'ServingPipeline')
    expect(values[0].spec.delivery.deadLetterSink.headers).toEqual({ x: 'y' })
  })

  it('leaves what is of that kind already as it is, among others', () => {
    const spec = 'spec: {steps: [{uri: "http://a.test"}]}\n'
    const text = `${head('Pipeline', 'a')}${spec}---\n${head('ServingPipeline', 'b')}${spec}`
    const { values, notCarried } = converted(text, 'ServingPipeline')
    expect(values.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['ServingPipeline', 'a'],
      ['ServingPipeline', 'b']
    ])
    expect(notCarried).toEqual([])
  })

  it('leaves both kinds of one name as they are, and one that has its steps from the other', () => {
    const serving = `${head('ServingPipeline')}spec: {steps: [{uri: "http://a.test"}]}\n`
    const sourced = `${head('Pipeline')}spec: {sinks: [{name: seen, log: {}}]}\n`
    for (const to of ['ServingPipeline', 'Pipeline']) {
      const { values, notCarried } = converted(`${serving}---\n${sourced}`, to)
      expect(values.map(({ kind }) => kind)).toEqual(['ServingPipeline', 'Pipeline'])
      expect(notCarried).toEqual([{ pipeline: 'default/comments', path: 'kind', reason: expect.stringContaining(to) }])
    }
    const { values, notCarried } = converted(sourced, 'ServingPipeline')
    expect([values[0].kind, notCarried[0]?.path]).toEqual(['Pipeline', 'spec.steps'])
  })

  it.each([
    ['Sequence', /does not convert to Sequence yet; it converts to ServingPipeline and Pipeline/],
    ['Pipelin', /there is no kind "Pipelin" to convert to/]
  ])('refuses to convert to %s', (to, why) => {
    expect(() => convertDefinitions({ file: 'it.yaml', text: '' }, to)).toThrow(why)
  })

  it('names every fault of a definition', () => {
    const text = `${head('ServingPipeline')}spec: {steps: [{uri: nowhere}], retries: 3}\n`
    const convertIt = () => convertDefinitions({ file: 'it.yaml', text }, 'Pipeline')
    expect(convertIt).toThrow(/it\.yaml:4:\d+ spec\.steps\[0\]\.uri: .*\nit\.yaml:4:\d+ spec\.retries: unknown field/)
  })
})
