import { expect, it } from 'vitest'
import { startCli } from '../helpers/cli.ts'
import { pipelineText } from '../helpers/gateway.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { startNamedSteps, type NamedSteps } from '../graph/named-steps.ts'
import { attributesOf, startCollector, type Received } from './collector.ts'

/** A parallel step in a switch in a nested pipeline. */
function definition(steps: NamedSteps): string {
  const branches = [
    { name: 'left', steps: [steps.step('a'), steps.step('b')] },
    { name: 'right', steps: [steps.step('c', { delivery: { retry: 1, backoffDelay: '1ms' } })] },
    { name: 'wrong', steps: [steps.step('d')] }
  ]
  const fan = { name: 'fan', parallel: { branches, require: 2 } }
  const inner = pipelineText([{ name: 'route', switch: [{ name: 'fans', when: 'true', steps: [fan] }] }])
  const outer = pipelineText([{ name: 'nest', pipeline: 'inner' }])
  return [outer, inner.replace('"name":"test"', '"name":"inner"')].join('\n---\n')
}

/** Names of the spans from the outermost on to this one. */
function lineOf({ spans }: Received, spanId: string | undefined): readonly string[] {
  const span = spans.find(one => one.spanId === spanId)
  return span === undefined ? [] : [...lineOf({ spans } as Received, span.parentSpanId), span.name]
}

it.each(['sync', 'stored'])(
  'traces of a graph have each branch between its step and those in it: %s',
  { timeout: 180_000 },
  async mode => {
    await using collector = await startCollector()
    await using steps = await startNamedSteps()
    steps.answers('d', 400)
    let asked = 0
    steps.answers('c', () => (asked++ === 0 ? 503 : { json: 'c' }))
    await using folder = await createTempFolder()
    const file = await folder.write('test.yaml', definition(steps))
    const args = ['run', file, '--port', '0', '--admin-port', '0', '--store', 'sqlite::memory:']
    await using gateway = await startCli(args, {
      env: { ...collector.env, OTEL_BSP_SCHEDULE_DELAY: '60000' },
      cwd: folder.path
    })
    const [, url = ''] = await gateway.waitForLine(/^sluice ready on (\S+) /)
    const headers: Record<string, string> = mode === 'sync' ? {} : { prefer: 'respond-async, wait=60' }
    const answer = await fetch(`${url}/default/test`, { method: 'POST', headers, body: '{}' })
    expect([answer.status, await answer.json()]).toEqual([200, { left: 'b', right: 'c' }])
    gateway.kill('SIGTERM')
    await gateway.exit
    const [forgiven = '{}'] = gateway.output.stderr.split('\n').filter(line => line.includes('a failure was forgiven'))

    const received = collector.received()
    const { spans } = received
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    const root = mode === 'sync' ? ['POST default/test'] : ['accept default/test', 'run default/test']
    const fan = [...root, 'step nest', 'step route', 'step fan']
    const path = 'nest/route/fans/fan'
    const lines = spans.map(({ spanId }) => lineOf(received, spanId).join(' > '))
    const expected = [
      ...fan.map((_, i) => fan.slice(0, i + 1)),
      [...fan, `branch ${path}/left`],
      [...fan, `branch ${path}/left`, 'step a'],
      [...fan, `branch ${path}/left`, 'step a', 'POST a'],
      [...fan, `branch ${path}/left`, 'step b'],
      [...fan, `branch ${path}/left`, 'step b', 'POST b'],
      [...fan, `branch ${path}/right`],
      [...fan, `branch ${path}/right`, 'step c'],
      [...fan, `branch ${path}/right`, 'step c', 'POST c'],
      [...fan, `branch ${path}/right`, 'step c', 'POST c'],
      [...fan, `branch ${path}/wrong`],
      [...fan, `branch ${path}/wrong`, 'step d'],
      [...fan, `branch ${path}/wrong`, 'step d', 'POST d']
    ]
    expect(lines.toSorted()).toEqual(expected.map(line => line.join(' > ')).toSorted())
    // The trace header of a call names the span of its attempt.
    const attempts = spans.filter(({ name }) => /^POST [a-d]$/.test(name))
    const made = new Set(attempts.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`))
    expect(new Set(steps.calls.map(({ headers: sent }) => sent['traceparent']))).toEqual(made)
    expect(new Set(steps.calls.map(({ headers: sent }) => sent['sluice-step']))).toEqual(
      new Set([`${path}/left/a`, `${path}/left/b`, `${path}/right/c`, `${path}/wrong/d`])
    )
    expect(JSON.parse(forgiven)).toMatchObject({
      pipeline: 'default/test',
      path,
      failed: `${path}/wrong/d`,
      code: 'STEP_REJECTED',
      attempts: 1,
      upstreamStatus: 400,
      traceId: spans[0]?.traceId
    })
    const told = (name: string) => attributesOf(received.span(name))
    expect(told(`branch ${path}/wrong`)).toMatchObject({ 'sluice.outcome': 'failed', 'error.type': 'STEP_REJECTED' })
    expect(told('step fan')).toMatchObject({
      'sluice.path': path,
      'sluice.outcome': 'replied',
      'sluice.forgiven.code': 'STEP_REJECTED'
    })
  }
)
