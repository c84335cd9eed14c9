import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { startStep } from '../helpers/step-server.ts'
import { runSockets } from './socket-load.ts'
import { runWrk } from './wrk-load.ts'

const hasWrk = spawnSync('wrk', ['--version']).error === undefined

const generators = [['sockets', runSockets] as const, ...(hasWrk ? [['wrk', runWrk] as const] : [])]

describe.each(generators)('load by %s', (_, runLoad) => {
  it('posts the body to the paths in turn and counts what fails', async () => {
    await using step = await startStep(({ url }) => (url === '/bad' ? 503 : { body: '{}' }))
    const body = '{"say":"\\"hi\\""}'
    const headers = { prefer: 'respond-async' }
    const load = { url: step.url, paths: ['/good', '/bad'], connections: 1, seconds: 1, body, headers }
    const result = await runLoad(load)
    const [first, second, third] = step.requests.map(request => request.url)
    expect(new Set([first, second])).toEqual(new Set(['/good', '/bad']))
    expect(third).toBe(first)
    expect(step.requests[0]).toMatchObject({ method: 'POST', body: Buffer.from(load.body) })
    expect(step.requests[0]?.headers).toMatchObject({ 'content-type': 'application/json', prefer: 'respond-async' })
    expect(result.requestsPerSecond).toBeGreaterThan(0)
    expect(Math.abs(result.requests - step.requests.length)).toBeLessThanOrEqual(2)
    expect(result.p99Ms).toBeGreaterThanOrEqual(result.p50Ms)
    expect(Math.abs(result.errors - step.requests.length / 2)).toBeLessThanOrEqual(2)
  })
})
