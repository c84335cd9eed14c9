import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startCli } from '../helpers/cli.ts'
import type { RunningProcess } from '../helpers/process.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { isRunning } from '../runner/is-running.ts'

interface Comments extends AsyncDisposable {
  readonly gateway: RunningProcess
  /** The process ids of the steps, which begin with the first request. */
  steps(): Promise<readonly number[]>
  post(text: string, headers?: Record<string, string>): Promise<Response>
}

/** The example as `npm start` runs it, on free ports; each of its Node processes leaves its id in a folder. */
async function startComments(): Promise<Comments> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const note = await folder.write(
    'note.mjs',
    `import { writeFileSync } from 'node:fs'
    const step = /steps.(\\w+)\\.ts$/.exec(process.argv[1] ?? '')
    if (step !== null) writeFileSync(${JSON.stringify(folder.path)} + '/' + step[1] + '.' + process.pid, '')`
  )
  const args = ['run', 'examples/comments.yaml', '--port', '0', '--admin-port', '0']
  const gateway = opened.use(await startCli(args, { env: { NODE_OPTIONS: `--import ${note}` } }))
  const [, url = ''] = await gateway.waitForLine(/^sluice ready on (\S+)/)
  const owned = opened.move()
  return {
    gateway,
    async steps() {
      const notes = (await readdir(folder.path)).map(file => /^(?:filter|sentiment)\.(\d+)$/.exec(file)?.[1])
      return notes.flatMap(pid => (pid === undefined ? [] : [Number(pid)]))
    },
    post: (text, headers = {}) =>
      fetch(`${url}/default/comments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ text })
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

const asEvent = { 'ce-specversion': '1.0', 'ce-id': '42', 'ce-source': '/shop', 'ce-type': 'comment.posted' }
const judged = { text: 'I love this product!', sentiment: 'positive', score: 0.6696 }

describe('the example of comments', () => {
  it('judges a comment', async () => {
    await using comments = await startComments()
    const answer = await comments.post(judged.text)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toEqual(judged)
  })

  it('drops a profane comment at the filter', async () => {
    await using comments = await startComments()
    const answer = await comments.post('what the fuck')
    expect(answer.status).toBe(204)
    expect(answer.headers.get('sluice-outcome')).toBe('filtered')
    expect(answer.headers.get('sluice-step')).toBe('filter')
    expect(await answer.text()).toBe('')
  })

  it('answers a CloudEvent with a CloudEvent', async () => {
    await using comments = await startComments()
    const answer = await comments.post(judged.text, asEvent)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('ce-specversion')).toBe('1.0')
    expect(answer.headers.get('ce-source')).toBe('/default/comments/sentiment')
    expect(answer.headers.get('ce-type')).toBe('dev.sluice.reply')
    expect(answer.headers.get('ce-id')).toMatch(/\.sentiment$/)
    expect(await answer.json()).toEqual(judged)
  })

  it('ends well at SIGTERM, and so do its steps', async () => {
    await using comments = await startComments()
    const { gateway } = comments
    await (await comments.post(judged.text)).text()
    const steps = await comments.steps()
    expect(steps.map(isRunning)).toEqual([true, true])
    gateway.kill('SIGTERM')
    expect(await gateway.exit).toEqual({ code: 0, signal: null })
    expect(steps.map(isRunning)).toEqual([false, false])
  })

  it('leaves no step behind when it is killed', async () => {
    await using comments = await startComments()
    const { gateway } = comments
    await (await comments.post(judged.text)).text()
    const steps = await comments.steps()
    expect(steps.map(isRunning)).toEqual([true, true])
    gateway.kill('SIGKILL')
    await waitFor(() => !steps.some(isRunning), { what: 'the end of the steps' })
  })
})
