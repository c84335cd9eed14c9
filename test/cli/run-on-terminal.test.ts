import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder, type TempFolder } from '../helpers/temp-folder.ts'
import { folded, startOnTerminal } from './terminal.ts'

const freePorts = ['--port', '0', '--admin-port', '0', '--store', 'sqlite::memory:']
const json = { headers: { 'content-type': 'application/json' }, body: '{}' }

/** `comments` of two steps, and `shop/echo` of one. */
async function pipelines(first: string, second: string): Promise<TempFolder> {
  const folder = await createTempFolder()
  const delivery = 'delivery: {retry: 0}'
  await folder.write(
    'pipelines.yaml',
    `apiVersion: sluice.dev/v1alpha1
kind: ServingPipeline
metadata: {name: comments}
spec: {${delivery}, steps: [{name: filter, uri: ${first}}, {name: sentiment, uri: ${second}}]}
---
apiVersion: sluice.dev/v1alpha1
kind: ServingPipeline
metadata: {name: echo, namespace: shop}
spec: {steps: [{name: say, uri: ${first}}]}
`
  )
  return folder
}

const post = (url: string, headers = {}): Promise<Response> => fetch(url, { method: 'POST', headers, body: '{}' })

describe('a gateway on a terminal', () => {
  it('shows the pipelines with their URLs, a line for each request, and why one failed', async () => {
    await using filter = await startStep(json)
    await using sentiment = await startStep(json, { status: 500, body: 'CUDA out of memory' }, 202, json)
    await using folder = await pipelines(filter.url, sentiment.url)
    await using gateway = await startOnTerminal(['run', 'pipelines.yaml', ...freePorts], { cwd: folder.path })
    const [, url = ''] = await gateway.waitForLine(/^sluice ready on (\S+) \(admin /)
    await gateway.waitForLine(/^ {2}comments +http:\S+\/default\/comments {2}filter → sentiment\r?$/)
    await gateway.waitForLine(/^ {2}shop\/echo {2}http:\S+\/shop\/echo +say\r?$/)

    const comments = `${url}/default/comments`
    expect([(await post(comments)).status, (await post(comments)).status, (await post(comments)).status]).toEqual([
      200, 502, 204
    ])
    const time = String.raw`^\d\d:\d\d:\d\d`
    await gateway.waitForLine(new RegExp(`${time} comments replied [\\d.]+ ms \\(filter [\\d.]+, sentiment [\\d.]+\\)`))
    await gateway.waitForLine(new RegExp(`${time} comments failed [\\d.]+ ms \\(filter [\\d.]+, sentiment [\\d.]+\\)`))
    await gateway.waitForLine(/STEP_FAILED: step "sentiment" answered 500: CUDA out of memory/)
    await gateway.waitForLine(new RegExp(`${time} comments filtered `))

    const id = (await post(comments, { prefer: 'respond-async, wait=10' })).headers.get('sluice-request-id')
    await gateway.waitForLine(new RegExp(`${time} comments replied .* ${id}`))
    expect(folded(gateway.shown())).toEqual([])
    gateway.interrupt()
    expect(await gateway.exit).toEqual({ code: 0, signal: null })
  })

  it('tells the guarantee of a store with a long name below the line that says where it serves', async () => {
    await using folder = await pipelines('http://127.0.0.1:9', 'http://127.0.0.1:9')
    const store = `sqlite:${'deep/'.repeat(20)}sluice.db`
    await mkdir(join(folder.path, 'deep/'.repeat(20)), { recursive: true })
    const args = ['run', 'pipelines.yaml', '--port', '0', '--admin-port', '0', '--store', store]
    await using gateway = await startOnTerminal(args, { cwd: folder.path })
    await gateway.waitForLine(/^sluice ready on \S+ \(admin \S+, store sqlite …\S+luice.db\)/)
    await gateway.waitForLine(/^ {2}store: sqlite file\r?$/)
    await gateway.waitForLine(/^ {4}\S*sluice.db: survives kill -9 and power loss/)
    await gateway.waitForLine(/^ {2}shop\/echo/)
    expect(folded(gateway.shown())).toEqual([])
  })

  it('says what Ctrl-C waits for, and what the second one leaves', async () => {
    const gate = createGate()
    await using slow = await startStep(async () => {
      await gate.opened
      return json
    })
    await using folder = await pipelines(slow.url, slow.url)
    const args = ['run', 'pipelines.yaml', ...freePorts, '--shutdown-grace', '20s']
    await using gateway = await startOnTerminal(args, { cwd: folder.path })
    const [, url = ''] = await gateway.waitForLine(/^sluice ready on (\S+) \(admin /)
    const gone = post(`${url}/shop/echo`).catch(() => undefined)
    await slow.waitForRequests(1)
    expect((await post(`${url}/default/comments`, { prefer: 'respond-async' })).status).toBe(202)
    await slow.waitForRequests(2)
    gateway.interrupt()
    await gateway.waitForLine(/shutting down: waiting for 2 requests in flight, 20 s at most/)
    gateway.interrupt()
    await gateway.waitForLine(/ended at once: 2 requests in flight left/)
    expect(await gateway.exit).toEqual({ code: 130, signal: null })
    gate.open()
    await gone
  })
})
