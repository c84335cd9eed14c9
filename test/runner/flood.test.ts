import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createTempFolder, type TempFolder } from '../helpers/temp-folder.ts'
import { saidLine, startOnPipe, startOnSocket, type UnreadProcess } from '../telemetry/log-readers.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** `flood`: a local step that prints without end from its first request on. `failing`: each request is a line in the log. */
async function writePipelines(folder: TempFolder): Promise<void> {
  await folder.write(
    'flood.cjs',
    `const text = Buffer.from('y\\n'.repeat(32768))
    const print = () => { while (process.stdout.write(text)); process.stdout.once('drain', print) }
    require('node:http')
      .createServer((request, response) => { request.resume(); response.end('x'); setImmediate(print) })
      .listen(process.env.PORT, process.env.HOST)`
  )
  const steps = {
    flood: [{ run: { command: ['node', 'flood.cjs'] } }],
    quick: [{ transform: '1' }],
    failing: [{ transform: '$error("no")' }]
  }
  const documents = Object.entries(steps).map(([name, steps]) =>
    JSON.stringify({
      apiVersion: 'sluice.dev/v1alpha1',
      kind: 'ServingPipeline',
      metadata: { name },
      spec: { steps: steps.map(step => ({ name: 'a', ...step })) }
    })
  )
  await folder.write('pipelines.yaml', documents.join('\n---\n'))
}

const statusOf = async (url: string): Promise<number> => {
  const answer = await fetch(url, { method: 'POST', body: '1', signal: AbortSignal.timeout(30_000) })
  await answer.arrayBuffer()
  return answer.status
}

async function expectServed(unread: UnreadProcess): Promise<void> {
  const [, url = ''] = await saidLine(unread, /^sluice ready on (\S+)/)
  expect(await statusOf(`${url}/default/flood`)).toBe(200)
  const statuses: number[] = []
  for (let i = 0; i < 40; i++) {
    statuses.push(await statusOf(`${url}/default/failing`), await statusOf(`${url}/default/quick`))
  }
  expect(new Set(statuses)).toEqual(new Set([502, 200]))
  expect(await statusOf(`${url}/default/flood`)).toBe(200)
  unread.child.kill('SIGTERM')
  expect(await once(unread.child, 'exit')).toEqual([0, null])
}

const stands = () => {}
const goes = (unread: UnreadProcess) => unread.goAway()

describe('a gateway that a step floods with output', () => {
  it.each([
    ['reader of a pipe stands still', startOnPipe, [], stands],
    ['reader of a pipe goes away', startOnPipe, [], goes],
    ['reader stands still, with workers', startOnSocket, ['--workers', '2'], stands],
    ['reader goes away, with workers', startOnSocket, ['--workers', '2'], goes]
  ])(
    'serves on while its %s',
    async (_reader, start, flags, happens) => {
      await using folder = await createTempFolder()
      await writePipelines(folder)
      const args = [main, 'run', 'pipelines.yaml', '--port', '0', '--admin-port', '0', '--store', 'sqlite::memory:']
      await using unread = await start({ args: [...args, ...flags], cwd: folder.path })
      happens(unread)
      await expectServed(unread)
    },
    120_000
  )
})
