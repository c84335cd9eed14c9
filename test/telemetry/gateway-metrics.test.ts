import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { parseExposition, type ExposedFamily } from './exposition.ts'

const json = (body: string) => ({ headers: { 'content-type': 'application/json' }, body })

async function scrape({ adminUrl }: TestGateway): Promise<ReadonlyMap<string, ExposedFamily>> {
  const response = await fetch(`${adminUrl}/metrics`)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  return parseExposition(await response.text())
}

/** Values by their labels; those of a histogram are its counts. */
function valuesOf(families: ReadonlyMap<string, ExposedFamily>, name: string): Record<string, number> {
  const { type, samples } = families.get(name) ?? expect.fail(`no metric ${name}`)
  const shown = samples.filter(sample => type !== 'histogram' || sample.name === `${name}_count`)
  return Object.fromEntries(shown.map(({ labels, value }) => [Object.values(labels).join(' '), value]))
}

describe('the metrics of a gateway that serves', () => {
  it('are these', async () => {
    await using gateway = await startTestGateway({ steps: ['http://127.0.0.1:9'] })
    const families = [...(await scrape(gateway))].filter(([name]) => name.startsWith('sluice_'))
    expect(Object.fromEntries(families.map(([name, { type }]) => [name, type]))).toEqual({
      sluice_breaker_state: 'gauge',
      sluice_build_info: 'gauge',
      sluice_buffer_usage: 'gauge',
      sluice_cache_hits_total: 'counter',
      sluice_deadletters: 'gauge',
      sluice_deadletters_total: 'counter',
      sluice_durability_level: 'gauge',
      sluice_hedges_total: 'counter',
      sluice_inflight: 'gauge',
      sluice_lease_expired_total: 'counter',
      sluice_oldest_age_seconds: 'gauge',
      sluice_overhead_seconds: 'histogram',
      sluice_pending: 'gauge',
      sluice_request_duration_seconds: 'histogram',
      sluice_requests_total: 'counter',
      sluice_retry_budget_ratio: 'gauge',
      sluice_shed_total: 'counter',
      sluice_mirror_calls_total: 'counter',
      sluice_step_attempts_total: 'counter',
      sluice_traffic_attempts_total: 'counter',
      sluice_traffic_duration_seconds: 'histogram',
      sluice_step_duration_seconds: 'histogram',
      sluice_waiting_calls: 'gauge',
      sluice_service_calls: 'gauge',
      sluice_watermark_lag_seconds: 'gauge'
    })
  })

  it('are those of README, with their type, their unit and what they mean', async () => {
    const [, text = ''] = readFileSync('README.md', 'utf8').split('### Metrics\n')
    const [section = ''] = text.split('\n### ')
    const rows = [...section.matchAll(/^\| `(\w+)` +\| (\w+), (.+?) +\| (.*?) +\| (.*?) +\|$/gm)]
    const told = rows.map(([, name = '', type, unit, labels = '', help]) => ({ name, type, unit, labels, help }))
    await using step = await startStep(503, json('{}'))
    const delivery = { retry: 1, backoffDelay: '1ms' }
    await using gateway = await startTestGateway({ steps: [{ name: 'model', uri: step.url, delivery }] })
    expect((await gateway.post()).status).toBe(200)
    const families = [...(await scrape(gateway))]
    expect(told.map(({ name, type, help }) => ({ name, type, help }))).toEqual(
      families.map(([name, { type, help }]) => ({ name, type, help }))
    )
    for (const { name, unit, labels } of told) {
      const [, suffix] = /_(seconds|bytes|ratio)(?:_total)?$/.exec(name) ?? []
      if (suffix !== undefined) expect(unit, name).toBe(suffix)
      const [sample] = families.find(([known]) => known === name)?.[1].samples ?? []
      const { le: _le, ...own } = sample?.labels ?? {}
      if (sample !== undefined) expect(Object.keys(own).join(', '), name).toBe(labels)
    }
  })

  it('tell how its requests and steps went', async () => {
    await using first = await startStep(503, json('{}'), json('{}'), 202, 400)
    await using second = await startStep(json('{}'))
    await using gateway = await startTestGateway({
      steps: [
        { name: 'filter', uri: first.url, delivery: { backoffDelay: '1ms' } },
        { name: 'model', uri: second.url }
      ]
    })
    const statuses: number[] = []
    for (let i = 0; i < 4; i++) statuses.push((await gateway.post()).status)
    expect(statuses).toEqual([200, 200, 204, 422])

    const families = await scrape(gateway)
    const values = (name: string) => valuesOf(families, name)
    expect(values('sluice_requests_total')).toEqual({
      'default/test sync replied': 2,
      'default/test sync filtered': 1,
      'default/test sync failed': 1
    })
    expect(values('sluice_request_duration_seconds')).toEqual({
      'default/test sync replied': 2,
      'default/test sync filtered': 1,
      'default/test sync failed': 1
    })
    expect(values('sluice_overhead_seconds')).toEqual({ 'default/test': 4 })
    expect(values('sluice_inflight')).toEqual({ 'default/test': 0 })
    expect(values('sluice_step_attempts_total')).toEqual({ 'default/test filter': 5, 'default/test model': 2 })
    expect(values('sluice_step_duration_seconds')).toEqual({
      'default/test filter replied': 2,
      'default/test filter filtered': 1,
      'default/test filter failed': 1,
      'default/test model replied': 2
    })
    expect(values('sluice_breaker_state')).toEqual({ [`${first.url}/`]: 0, [`${second.url}/`]: 0 })
    expect(Object.keys(values('sluice_retry_budget_ratio')).sort()).toEqual([first.url, second.url].sort())
  })

  it('tell stored requests apart from those whose caller waits', async () => {
    await using step = await startStep(json('{}'))
    await using gateway = await startTestGateway({ steps: [step.url] })
    expect((await gateway.post('{}', { headers: { prefer: 'respond-async' } })).status).toBe(202)
    await waitFor(async () => valuesOf(await scrape(gateway), 'sluice_requests_total')['default/test async replied'], {
      what: 'the outcome of the stored request'
    })
    expect(valuesOf(await scrape(gateway), 'sluice_requests_total')).toEqual({ 'default/test async replied': 1 })
  })

  it('have nothing of a request in their labels', async () => {
    const canary = 'canary-77ab'
    await using step = await startStep(json('{}'))
    await using gateway = await startTestGateway({ steps: [step.url] })
    const headers = { 'ce-id': canary, 'ce-source': `/${canary}`, 'ce-type': canary, 'ce-specversion': '1.0' }
    expect((await gateway.post('{}', { headers })).status).toBe(200)
    expect((await fetch(`${gateway.url}/default/${canary}`, { method: 'POST' })).status).toBe(404)
    expect((await fetch(`${gateway.url}/${canary}`)).status).toBe(404)
    const families = await scrape(gateway)
    expect(valuesOf(families, 'sluice_requests_total')).toEqual({ 'default/test sync replied': 1 })
    expect(JSON.stringify([...families])).not.toContain('canary')
  })
})

it('name a local step by itself, and not by the port that it has this time', async () => {
  const serve = `require('node:http').createServer((_, response) => response.end('{}')).listen(process.env.PORT, process.env.HOST)`
  await using gateway = await startTestGateway({ steps: [{ name: 'model', run: { command: ['node', '-e', serve] } }] })
  expect((await gateway.post()).status).toBe(200)
  const families = await scrape(gateway)
  expect(valuesOf(families, 'sluice_retry_budget_ratio')).toEqual({ 'process:default/test/model': 1 })
  const named = [...families.values()].flatMap(({ samples }) => samples.flatMap(({ labels }) => Object.values(labels)))
  expect(named.filter(label => label.includes('127.0.0.1'))).toEqual([])
})
