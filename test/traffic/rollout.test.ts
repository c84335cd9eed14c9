import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { sluice } from '../cli/sluice.ts'
import { pipelineText, startTestGateway, testConfig } from '../helpers/gateway.ts'
import { startKillableGateway, startSuccessor } from '../helpers/killable-gateway.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep, type StepServer } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

interface Reachable {
  readonly url: string
  readonly adminUrl: string
}

const path = '/apis/sluice.dev/v1alpha1/namespaces/default/servingpipelines/test'

// oxlint-disable-next-line typescript/no-explicit-any
const jsonOf = async (url: string, init?: RequestInit): Promise<any> => (await fetch(url, init)).json()

async function rolloutOf({ adminUrl }: Reachable) {
  const { steps, conditions } = await jsonOf(`${adminUrl}${path}/status`)
  const condition = conditions.find(({ type }: { type: string }) => type === 'Rollout')
  return { rollout: steps[0].rollout, traffic: steps[0].traffic, condition }
}

const until = (gateway: Reachable, phase: string, percent: number) =>
  waitFor(
    async () => {
      const found = await rolloutOf(gateway)
      return found.rollout?.phase === phase && found.rollout.percent === percent && found
    },
    { what: `${phase} at ${percent} percent` }
  )

/** Calls one gateway after the other, until it is disposed of; failures of the canary are nobody's fault here. */
function load(...gateways: readonly Reachable[]): AsyncDisposable {
  const end = new AbortController()
  const call = async (no: number): Promise<void> => {
    for (let i = no; !end.signal.aborted; i++) {
      const { url } = gateways[i % gateways.length]!
      await fetch(`${url}/default/test`, { method: 'POST', body: '{}' })
        .then(response => response.text())
        .catch(() => {})
    }
  }
  const calls = [0, 1, 2, 3].map(call)
  return {
    async [Symbol.asyncDispose]() {
      end.abort()
      await Promise.all(calls)
    }
  }
}

const stepOf = (stable: StepServer, canary: StepServer, rollout: Record<string, unknown>) => ({
  name: 'score',
  uri: stable.url,
  traffic: [{ uri: canary.url, tag: 'canary' }],
  rollout: { tag: 'canary', ...rollout },
  delivery: { retry: 0 },
  circuitBreaker: { enabled: false }
})

const startModel = (): Promise<StepServer> => startStep({ body: 'ok' })

/** Fails one call in five. */
async function startFaulty(): Promise<StepServer> {
  let calls = 0
  return startStep(() => (++calls % 5 === 0 ? 500 : { body: 'ok' }))
}

describe('a canary at 10 percent that fails 20 percent of its calls', () => {
  it('is aborted within two `every` and three `minCalls`', async () => {
    await using stable = await startModel()
    await using canary = await startFaulty()
    const [everyMs, minCalls] = [15_000, 50]
    const rollout = { steps: [10, 50, 100], every: `${everyMs}ms`, minCalls }
    await using gateway = await startTestGateway({ steps: [stepOf(stable, canary, rollout)] })
    await until(gateway, 'Progressing', 10)
    const startedAt = performance.now()
    await using calls = load(gateway)
    const { rollout: state, condition } = await until(gateway, 'Aborted', 0)
    expect(performance.now() - startedAt).toBeLessThan(2 * everyMs)
    await calls[Symbol.asyncDispose]()
    expect(canary.requests.length).toBeLessThan(3 * minCalls)
    expect(condition).toMatchObject({ status: 'False', reason: 'Aborted' })
    expect(condition.message).toMatch(/percent of \d+ calls of "canary" failed/)
    expect(state.history.map(({ percent }: { percent: number }) => percent)).toEqual([10, 0])
    const before = canary.requests.length
    await fetch(`${gateway.url}/default/test`, { method: 'POST', body: '{}' })
    expect(canary.requests).toHaveLength(before)
  })

  it('is aborted all the same when the gateway is killed in the middle', { timeout: 60_000 }, async () => {
    await using stable = await startModel()
    await using canary = await startFaulty()
    await using folder = await createTempFolder()
    const definition = {
      steps: [stepOf(stable, canary, { steps: [10, 100], every: '30s', minCalls: 60 })],
      store: `sqlite:${folder.path}/r.db`
    }
    await using first = await startKillableGateway(definition)
    {
      await using calls = load(first)
      await canary.waitForRequests(30)
      // Its counts are told by then.
      await waitFor(async () => (await rolloutOf(first)).traffic[0].calls >= 30, { what: 'its counts' })
      await calls[Symbol.asyncDispose]()
    }
    await first.kill9()
    await using second = await startSuccessor(definition)
    expect((await until(second, 'Progressing', 10)).rollout.history).toHaveLength(1)
    await using calls = load(second)
    await until(second, 'Aborted', 0)
    await calls[Symbol.asyncDispose]()
    expect(canary.requests.length).toBeLessThan(180)
  })
})

describe('a good canary', () => {
  it('reaches 100 percent over two replicas, which agree, also when one is killed', { timeout: 120_000 }, async () => {
    await using redis = await startRedis()
    await using stable = await startModel()
    await using canary = await startModel()
    const definition = {
      steps: [stepOf(stable, canary, { steps: [10, 50, 100], every: '1s', minCalls: 20 })],
      store: redis.url
    }
    await using first = await startSuccessor(definition)
    await using second = await startKillableGateway(definition)
    {
      await using calls = load(first, second)
      await until(first, 'Progressing', 50)
      await until(second, 'Progressing', 50)
      await second.kill9()
      await until(first, 'Completed', 100)
      await calls[Symbol.asyncDispose]()
    }
    await using third = await startSuccessor(definition)
    const { condition, rollout, traffic } = await until(third, 'Completed', 100)
    expect(condition).toMatchObject({ status: 'True', reason: 'Completed' })
    expect(rollout.history.map(({ percent }: { percent: number }) => percent)).toEqual([10, 50, 100, 100])
    expect(traffic.map(({ percent }: { percent: number }) => percent)).toEqual([100, 0])
  })

  it('waits for its calls, and goes on, back or anew as a person says', { timeout: 60_000 }, async () => {
    await using stable = await startModel()
    await using canary = await startModel()
    await using gateway = await startTestGateway({
      steps: [stepOf(stable, canary, { steps: [20, 100], every: '10ms' })]
    })
    await until(gateway, 'Progressing', 20)
    const admin = ['--admin', gateway.adminUrl]
    expect(await sluice(['rollout', 'promote', 'test', 'score', ...admin])).toMatchObject({ code: 0 })
    await until(gateway, 'Progressing', 100)
    expect((await sluice(['rollout', 'abort', 'test', 'score', ...admin])).code).toBe(0)
    await until(gateway, 'Aborted', 0)
    const { stdout } = await sluice(['rollout', 'restart', 'test', 'score', ...admin])
    expect(stdout).toMatch(/^score canary Progressing 20 %\n/)
    await until(gateway, 'Progressing', 20)
    const status = await sluice(['rollout', 'status', 'test', 'score', ...admin])
    expect(status.stdout.trim().split('\n')).toHaveLength(5)
    for (const [step, query, code] of [
      ['none', 'do=abort', 404],
      ['score', 'do=jump', 400]
    ] as const) {
      const answer = await fetch(`${gateway.adminUrl}${path}/rollouts/${step}?${query}`, { method: 'POST' })
      expect(answer.status).toBe(code)
    }
  })

  it('begins anew with another destination', async () => {
    await using stable = await startModel()
    await using canary = await startModel()
    await using folder = await createTempFolder()
    const text = (uri: string) =>
      pipelineText([{ ...stepOf(stable, canary, { steps: [20] }), traffic: [{ uri, tag: 'canary' }] }])
    const file = await folder.write('test.json', text(`${canary.url}/a`))
    await using gateway = await startGateway(testConfig({ files: [file], watch: true }))
    await until(gateway, 'Progressing', 20)
    await fetch(`${gateway.adminUrl}${path}/rollouts/score?do=abort`, { method: 'POST' })
    await until(gateway, 'Aborted', 0)
    await folder.write('test.json', text(`${canary.url}/b`))
    expect((await until(gateway, 'Progressing', 20)).rollout.history).toHaveLength(1)
  })
})
