import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compile } from '../../src/pipeline/compile.ts'
import type { Plan } from '../../src/pipeline/plan.ts'
import { readPipelines } from '../../src/pipeline/read-pipelines.ts'
import { aDefinition } from './a-definition.ts'

const folder = new URL('../fixtures/plans/', import.meta.url)
const files = readdirSync(folder).filter(file => file.endsWith('.yaml'))

const resolve = new Map([
  ['sentiment', 'http://localhost:9102'],
  ['spare', 'http://by-name.test'],
  ['other/spare', 'http://localhost:9105/models/spare'],
  ['first', 'http://by-name.test'],
  ['knative/first', 'http://by-namespace.test'],
  ['Service/knative/first', 'http://localhost:9101/by-kind'],
  ['knative/second', 'http://localhost:9102/models/'],
  ['dead', 'http://localhost:9109'],
  ['Service/elsewhere/nowhere', 'http://localhost:9110']
])

function compileText(text: string, rules: ReadonlyMap<string, string> = resolve): Plan[] {
  const { wholes, faults } = readPipelines([{ file: 'test.yaml', text }])
  expect(faults).toEqual([])
  return wholes.map(({ definition }) => compile(definition, { baseDir: '/pipelines', resolve: rules }))
}

/** Expressions as their source and bytes as text, so that a plan can be read in a file. */
const readable = (key: string, value: unknown): unknown => {
  if (key === 'definition') return undefined
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  if (value instanceof Map) return Object.fromEntries(value)
  return typeof value === 'object' && value !== null && 'evaluate' in value && 'source' in value
    ? { expression: value.source }
    : value
}

describe('compile', () => {
  it.each(files)('makes the plan of %s', async file => {
    const [plan] = compileText(readFileSync(new URL(file, folder), 'utf8'))
    const expected = new URL(file.replace('.yaml', '.expected.json'), folder)
    await expect(`${JSON.stringify(plan, readable, 2)}\n`).toMatchFileSnapshot(expected.pathname)
  })

  it('takes the most specific rule for a ref', () => {
    const text = aDefinition('a, namespace: ns', '{steps: [{ref: {kind: Service, name: model}}]}')
    const rules: [string, string][] = [
      ['model', 'http://name.test'],
      ['ns/model', 'http://namespace.test'],
      ['Service/ns/model', 'http://kind.test']
    ]
    const urls = rules.map((_, i) => compileText(text, new Map(rules.slice(0, i + 1)))[0]?.flow[0])
    expect(urls).toMatchObject(rules.map(([, url]) => ({ destination: { kind: 'url', url } })))
  })

  it('lists a name that nothing resolves once, however often it is used', () => {
    const spec =
      '{delivery: {deadLetterSink: {ref: {kind: Broker, name: b}}}, steps: [{uri: "http://x"}, {uri: "http://x"}]}'
    expect(compileText(aDefinition('a', spec))[0]?.unresolved).toEqual(['Broker/default/b'])
  })

  it('lists the dead letter sink that only the reply uses, as each step has its own', () => {
    const spec = JSON.stringify({
      delivery: { deadLetterSink: { ref: { kind: 'Broker', name: 'b' } } },
      reply: { uri: 'http://r' },
      steps: [{ uri: 'http://x', delivery: { deadLetterSink: { uri: 'http://own' } } }]
    })
    expect(compileText(aDefinition('a', spec))[0]?.unresolved).toEqual(['Broker/default/b'])
  })

  it('passes certificates on', () => {
    const pem = readFileSync(new URL('../fixtures/ca.pem', import.meta.url), 'utf8')
    const [plan] = compileText(aDefinition('a', JSON.stringify({ steps: [{ uri: 'https://x', CACerts: pem }] })))
    expect(plan?.flow[0]).toMatchObject({ destination: { kind: 'url', url: 'https://x', caCerts: pem } })
  })

  it('does not change the definition, and gives the same plan again', () => {
    const { wholes: pipelines } = readPipelines([{ file: 'a.yaml', text: aDefinition('a') }])
    const before = structuredClone(pipelines)
    const plans = [1, 2].map(() => pipelines.map(({ definition }) => compile(definition, { baseDir: '/', resolve })))
    expect(plans[0]).toEqual(plans[1])
    expect(pipelines).toEqual(before)
  })

  it('shares what pipelines and steps have in common', () => {
    const [one, two] = compileText(
      `${aDefinition('one', '{steps: [{uri: "http://x"}, {uri: "http://x"}]}')}---\n${aDefinition('two')}`
    )
    const steps = [...(one?.flow ?? []), ...(two?.flow ?? [])].map(step => (step.kind === 'call' ? step : undefined))
    expect(steps).toHaveLength(3)
    expect(new Set(steps.map(step => step?.delivery)).size).toBe(1)
    expect(new Set(steps.map(step => step?.breaker)).size).toBe(1)
    expect(one?.limits).toBe(two?.limits)
  })

  it('reads thousands of pipelines from one file', () => {
    const text = Array.from({ length: 3_000 }, (_, i) => aDefinition(`p-${i}`)).join('---\n')
    const plans = compileText(text)
    expect(plans).toHaveLength(3_000)
    expect(JSON.stringify(plans[2_999]).length).toBeLessThan(2000)
  })
})
