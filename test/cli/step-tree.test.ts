import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { startNamedSteps } from '../graph/named-steps.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { stepTree } from '../../src/cli/print/step-tree.ts'
import { sluice } from './sluice.ts'

const at = (ms: number): string => new Date(ms).toISOString()

const step = (path: string, status: string, more: Record<string, unknown> = {}) => ({
  name: path.split('/').at(-1),
  path,
  status,
  attempts: 1,
  startedAt: at(0),
  ...more
})

it('has each step below the one that it is in', () => {
  const waiting = { reason: 'breaker', until: at(5_000), lastError: { code: 'STEP_FAILED' } }
  const steps = [
    step('first', 'replied', { finishedAt: at(12) }),
    step('fan', 'running', { attempts: 0 }),
    step('fan/left/route', 'replied', { attempts: 0, finishedAt: at(1_500) }),
    step('fan/left/route/choice-1/b', 'replied', { finishedAt: at(1_400) }),
    step('fan/right/d', 'held', { attempts: 3, waiting })
  ]
  expect(stepTree(steps).split('\n')).toEqual([
    'STEP            STATUS   ATTEMPTS  TOOK   WAITING',
    'first           replied  1         12 ms  -',
    'fan             running  -         -      -',
    '├ left/route    replied  -         1.5 s  -',
    '│ └ choice-1/b  replied  1         1.4 s  -',
    '└ right/d       held     3         -      breaker until 00:00:05, STEP_FAILED',
    ''
  ])
})

it('fits a hundred columns, however deep and long the names are', () => {
  const names = Array.from({ length: 12 }, (_, i) => `a-step-with-a-long-name-${i}`)
  const steps = names.map((_, i) => step(names.slice(0, i + 1).join('/'), 'running'))
  for (const line of stepTree(steps).split('\n')) expect(line.length).toBeLessThanOrEqual(98)
})

it('is what sluice requests get prints of a request', async () => {
  await using steps = await startNamedSteps()
  const branches = ['left', 'right'].map(name => ({ name, steps: [steps.step(name)] }))
  await using gateway = await startTestGateway({
    steps: [steps.step('first'), { name: 'fan', parallel: { branches } }]
  })
  const sent = await sluice(['send', 'test', '-d', '{}', '--async', '--gateway', gateway.url])
  const of = (verb: string) =>
    sluice(['requests', verb, 'test', sent.stdout.trim(), '--gateway', gateway.url, '--admin', gateway.adminUrl])
  await of('watch')
  const { stdout } = await of('get')
  const words = String(parse(stdout).steps)
    .split('\n')
    .map(line => line.split(/ {2,}/).slice(0, 3))
  expect(words.slice(1, 5)).toEqual([
    ['first', 'replied', '1'],
    ['fan', 'replied', '-'],
    ['├ left/left', 'replied', '1'],
    ['└ right/right', 'replied', '1']
  ])
  expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100)
})
