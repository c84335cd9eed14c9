import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatFault } from '../../src/pipeline/fault.ts'
import { readPipelines } from '../../src/pipeline/read-pipelines.ts'
import { aDefinition } from './a-definition.ts'

const folder = new URL('../fixtures/faults/', import.meta.url)
const files = readdirSync(folder).filter(file => file.endsWith('.yaml'))

describe('faults', () => {
  it.each(files)('of %s are all told, each with its place', async file => {
    const { faults } = readPipelines([{ file, text: readFileSync(new URL(file, folder), 'utf8') }])
    const expected = new URL(file.replace('.yaml', '.expected.txt'), folder)
    await expect(faults.map(fault => `${formatFault(fault)}\n`).join('')).toMatchFileSnapshot(expected.pathname)
  })

  it('are told at once, five mistakes in one file', () => {
    const { faults, pipelines } = readPipelines([
      { file: 'five.yaml', text: readFileSync(new URL('five-mistakes.yaml', folder), 'utf8') }
    ])
    expect(faults.map(({ line, column, path, code }) => [line, column, path, code])).toEqual([
      [8, 7, 'spec.steps[0].url', 'UNKNOWN_FIELD'],
      [12, 7, 'spec.steps[1].retry', 'UNKNOWN_FIELD'],
      [13, 16, 'spec.steps[1].timeout', 'INVALID'],
      [14, 13, 'spec.steps[2].name', 'INVALID'],
      [15, 12, 'spec.steps[2].uri', 'INVALID']
    ])
    expect(faults.every(({ pipeline }) => pipeline === 'default/comments')).toBe(true)
    expect(pipelines).toEqual([])
  })

  it('have one line each', () => {
    const { faults } = readPipelines([
      { file: 'dir/bad.yaml', text: aDefinition('bad', '{steps: [{uri: "http://x", retry: 3}]}') }
    ])
    expect(faults.map(formatFault)).toEqual([
      "dir/bad.yaml:4:34 spec.steps[0].retry: unknown field; did you mean 'delivery.retry'?"
    ])
  })

  it('take nothing from the valid definitions beside them', () => {
    const text = `${aDefinition('one')}---\n${aDefinition('two', '{steps: []}')}---\n---\n${aDefinition('three')}`
    const { pipelines, faults } = readPipelines([{ file: 'a.yaml', text }])
    expect(pipelines.map(({ name, line }) => [name, line])).toEqual([
      ['one', 3],
      ['three', 14]
    ])
    expect(faults.map(({ pipeline }) => pipeline)).toEqual(['default/two'])
  })

  it('tell a name that two files have', () => {
    const { pipelines, faults } = readPipelines([
      { file: 'a.yaml', text: aDefinition('one') },
      { file: 'b.yaml', text: aDefinition('one') }
    ])
    expect(pipelines.map(({ file }) => file)).toEqual(['a.yaml'])
    expect(faults.map(formatFault)).toEqual(['b.yaml:3:18 metadata.name: default/one is defined in a.yaml:3 already'])
  })

  it.each(['', '# later\n', '---\n---\n', '\uFEFF'])('name a file without documents: %j', text => {
    const { pipelines, faults } = readPipelines([{ file: 'empty.yaml', text }])
    expect(pipelines).toEqual([])
    expect(faults.map(formatFault)).toEqual([
      'empty.yaml:1:1 there is no definition in the file; remove it, or write one: sluice init makes an example'
    ])
  })

  it('are found in JSON, too', () => {
    const definition = {
      apiVersion: 'sluice.dev/v1alpha1',
      kind: 'ServingPipeline',
      metadata: { name: 'json' },
      spec: { steps: [{ uri: 'http://localhost/caf\u00e9' }], deadlin: '2s' }
    }
    const { faults } = readPipelines([{ file: 'a.json', text: JSON.stringify(definition, null, '\t') }])
    expect(faults.map(formatFault)).toEqual(["a.json:13:3 spec.deadlin: unknown field; did you mean 'deadline'?"])
  })
})
