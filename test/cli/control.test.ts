import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { testConfig } from '../helpers/gateway.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { statusWhen } from '../control/apis.ts'
import { sluice } from './sluice.ts'
import { startOnTerminal } from './terminal.ts'

const nowhere = 'http://127.0.0.1:9/x'

const cellsOf = (line = ''): readonly string[] => line.split(/ {2,}/)

describe('sluice get', () => {
  it('lists pipelines with their phases, and says what is wrong with one', async () => {
    await using folder = await createTempFolder()
    await folder.write('a.json', definitionText('a', [nowhere, nowhere]))
    await folder.write('b.json', definitionText('b', [nowhere]).replace('"uri"', '"url"'))
    await using gateway = await startGateway(testConfig({ files: [folder.path], watch: true }))
    const { code, stdout } = await sluice(['get', '--admin', gateway.adminUrl])
    expect(code).toBe(0)
    const [head, a, b, , ...why] = stdout.trimEnd().split('\n')
    expect(cellsOf(head)).toEqual(['NAME', 'PHASE', 'READY', 'STEPS', 'INFLIGHT', 'PENDING', 'DEADLETTERS', 'AGE'])
    expect(cellsOf(a).slice(0, 7)).toEqual(['a', 'Running', 'True', '2', '0', '0', '0'])
    expect(cellsOf(b).slice(0, 4)).toEqual(['b', 'Failed', 'False', '0'])
    expect(why.join('\n')).toContain('b: Valid (Faulty): ')
    expect(why.join('\n')).toContain("unknown field; did you mean 'uri'?")
    const json = await sluice(['get', 'a', '-o', 'json', '--admin', gateway.adminUrl])
    expect(JSON.parse(json.stdout)).toMatchObject({ metadata: { name: 'a' }, status: { phase: 'Running' } })
    const none = await sluice(['get', 'a', 'none', '--admin', gateway.adminUrl])
    expect([none.code, none.stdout.split('\n').length]).toEqual([1, 3])
    expect(none.stderr).toContain('there is no pipeline "default/none"')
    const nothing = await sluice(['get', 'none', '--admin', gateway.adminUrl])
    expect(nothing).toEqual({ code: 1, stdout: '', stderr: none.stderr })
  })

  it('draws a pipeline', async () => {
    await using folder = await createTempFolder()
    const inner = [{ name: 'big', when: 'data.n > 1', steps: [{ name: 'score', uri: nowhere }] }]
    const steps = [
      { name: 'first', transform: 'data' },
      { name: 'route', switch: inner, otherwise: [{ name: 'small', uri: nowhere }] }
    ]
    const file = await folder.write('a.json', definitionText('a', steps))
    await using gateway = await startGateway(testConfig({ files: [file] }))
    const { stdout } = await sluice(['get', 'a', '-o', 'graph', '--admin', gateway.adminUrl])
    expect(stdout.split('\n')).toEqual([
      'a',
      '├─ first         transform data',
      '└─ route         switch',
      '   ├─ big        when data.n > 1',
      `   │  └─ score   ${nowhere}`,
      '   └─ otherwise',
      `      └─ small   ${nowhere}`,
      ''
    ])
  })
})

describe('sluice apply, pause, resume and delete', () => {
  it('take pipelines through their life', async () => {
    await using folder = await createTempFolder()
    await using gateway = await startGateway(testConfig({ files: [] }))
    const admin = ['--admin', gateway.adminUrl]
    const outer = definitionText('outer', [{ name: 'n', pipeline: 'inner' }])
    const file = await folder.write('all.yaml', `${outer}\n---\n${definitionText('inner', [nowhere])}\n`)
    expect((await sluice(['apply', file, ...admin])).stdout).toBe('inner created\nouter created\n')
    expect((await sluice(['apply', '-f', file, ...admin])).stdout).toBe('inner unchanged\nouter unchanged\n')
    const missing = await sluice(['apply', ...admin])
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("missing required argument 'files'")])
    await folder.write('all.yaml', `${outer}\n---\n${definitionText('inner', [nowhere, nowhere])}\n`)
    expect((await sluice(['apply', file, ...admin])).stdout).toBe('inner changed\nouter unchanged\n')
    expect((await sluice(['pause', 'outer', ...admin])).stdout).toMatch(/^outer (Pausing|Paused)\n$/)
    await statusWhen(gateway, 'outer', ({ phase }) => phase === 'Paused')
    expect((await sluice(['resume', file, ...admin])).code).toBe(0)
    await statusWhen(gateway, 'outer', ({ phase }) => phase === 'Running')
    const refused = await sluice(['delete', 'inner', ...admin])
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toContain('default/outer needs default/inner')
    expect((await sluice(['delete', 'outer', ...admin])).stdout).toBe('outer Deleting\n')
    expect((await sluice(['delete', 'inner', '--force', ...admin])).code).toBe(0)
  })

  it('a command means a Pipeline by pipeline/NAME', async () => {
    await using folder = await createTempFolder()
    await using gateway = await startGateway(testConfig({ files: [] }))
    const admin = ['--admin', gateway.adminUrl]
    const file = await folder.write(
      'feed.json',
      definitionText('feed', [nowhere]).replace('ServingPipeline', 'Pipeline')
    )
    expect((await sluice(['apply', file, ...admin])).stdout).toBe('feed created\n')
    expect((await sluice(['pause', 'pipeline/feed', ...admin])).stdout).toMatch(/^pipeline\/feed Paus(ing|ed)\n$/)
    const shown = await sluice(['get', 'pipeline/feed', '-o', 'json', ...admin])
    expect(JSON.parse(shown.stdout)).toMatchObject({
      kind: 'Pipeline',
      spec: { lifecycle: { desiredPhase: 'Paused' } }
    })
    expect((await sluice(['resume', file, ...admin])).code).toBe(0)
    const none = await sluice(['get', 'feed', ...admin])
    expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/^feed: /)])
    expect((await sluice(['delete', 'pipeline/feed', ...admin])).stdout).toBe('pipeline/feed Deleting\n')
  })

  it('apply goes on after a refusal, and fails', async () => {
    await using folder = await createTempFolder()
    const held = await folder.write('held.json', definitionText('held', [nowhere]))
    await using gateway = await startGateway(testConfig({ files: [held] }))
    const texts = [
      definitionText('held', [nowhere, nowhere]),
      '{"kind": "ServingPipeline"}',
      definitionText('c', [nowhere])
    ]
    const file = await folder.write('all.yaml', texts.join('\n---\n'))
    const { code, stdout, stderr } = await sluice(['apply', file, '--admin', gateway.adminUrl])
    expect([code, stdout]).toEqual([1, 'c created\n'])
    expect(stderr).toContain('all.yaml:3:1 ')
    expect(stderr).toContain('held: The change does not fit to what is there (409 CONFLICT)')
  })
})

describe('sluice top', () => {
  it('prints once where it is no terminal', async () => {
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [nowhere]))
    await using gateway = await startGateway(testConfig({ files: [file] }))
    const { code, stdout } = await sluice(['top', '--admin', gateway.adminUrl])
    expect(code).toBe(0)
    expect(stdout.split('\n').map(line => cellsOf(line)[0])).toEqual(['NAME', 'a', ''])
  })
  it('is live on a terminal, until Ctrl-C', async () => {
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [nowhere]))
    await using gateway = await startGateway(testConfig({ files: [file], watch: true }))
    await using terminal = await startOnTerminal(['top', '--admin', gateway.adminUrl])
    await terminal.waitForLine(/^a +Running/)
    await folder.write('a.json', definitionText('a', [nowhere], { lifecycle: { desiredPhase: 'Paused' } }))
    await terminal.waitForLine(/^a +Paused/)
    terminal.interrupt()
    expect((await terminal.exit).code).toBe(0)
    expect(terminal.shown().endsWith('\u001b[?1049l')).toBe(true)
  })
  it('ends with q, but not with an arrow', async () => {
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [nowhere]))
    await using gateway = await startGateway(testConfig({ files: [file], watch: true }))
    await using terminal = await startOnTerminal(['top', '--admin', gateway.adminUrl])
    await terminal.waitForLine(/^a +Running/)
    terminal.type('\u001b[A')
    await folder.write('a.json', definitionText('a', [nowhere], { lifecycle: { desiredPhase: 'Paused' } }))
    await terminal.waitForLine(/^a +Paused/)
    terminal.type('q')
    expect((await terminal.exit).code).toBe(0)
  })
  it('leaves the terminal as it was when it is not what it reads from', async () => {
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [nowhere]))
    await using gateway = await startGateway(testConfig({ files: [file] }))
    await using terminal = await startOnTerminal(['top', '--admin', gateway.adminUrl], { input: '/dev/null' })
    await terminal.waitForLine(/^a +Running/)
    terminal.interrupt()
    expect((await terminal.exit).code).toBe(0)
    expect(terminal.shown().endsWith('\u001b[?1049l')).toBe(true)
  })
})
