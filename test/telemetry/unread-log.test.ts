import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { waitFor } from '../helpers/wait-for.ts'
import { saidLine, startOnPipe, startOnSocket } from './log-readers.ts'

const lines = 5_000

/** Logs more than any pipe holds, says how long that took and what memory it is at, and lives on until it is told. */
const script = `
  import { createLogger } from './src/telemetry/log.ts'
  const log = createLogger({ logLevel: 'info', logFormat: 'json', logColor: false })
  process.on('SIGUSR2', () => log.info({}, 'the last line'))
  const before = process.memoryUsage().rss
  const startedAt = performance.now()
  for (let no = 0; no < ${lines}; no++) log.info({ no, filler: 'x'.repeat(1000) }, 'a line')
  const grownBy = (process.memoryUsage().rss - before) / 1e6
  console.log('logged in', Math.round(performance.now() - startedAt), 'ms, grown by', Math.round(grownBy), 'MB')
  setInterval(() => {}, 1000)
`
const args = ['--input-type=module', '-e', script]

interface Line {
  readonly no?: number
  readonly dropped?: number
  readonly msg: string
}

const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Line)

describe.each([
  ['a pipe of a shell', startOnPipe],
  ['a pipe of Node', startOnSocket]
])('the log on %s', (_kind, start) => {
  it('holds nobody up when its reader stands still, who later finds what was kept and how much was not', async () => {
    await using unread = await start({ args })
    const [, ms, grownBy] = await saidLine(unread, /logged in (\d+) ms, grown by (\d+) MB/)
    expect(Number(ms)).toBeLessThan(10_000)
    expect(Number(grownBy)).toBeLessThan(100)
    const text = await waitFor(() => unread.read().includes('"dropped"') && unread.read(), {
      what: 'the dropped lines'
    })
    const read = linesOf(text)
    const kept = read.filter(({ no }) => no !== undefined)
    expect(kept.map(({ no }) => no)).toEqual(kept.map((_, i) => i))
    expect(read.reduce((sum, { dropped = 0 }) => sum + dropped, kept.length)).toBe(lines)
    unread.child.kill('SIGUSR2')
    await waitFor(() => unread.read().includes('the last line'), { what: 'the last line' })
  })

  it('ends nobody when its reader goes away', async () => {
    await using unread = await start({ args })
    unread.goAway()
    await saidLine(unread, /logged in/)
    unread.child.kill('SIGTERM')
    expect(await once(unread.child, 'exit')).toEqual([null, 'SIGTERM'])
  })
})

it('is written to the end when the process ends while its reader is slow', async () => {
  const some = `
    import { createLogger } from './src/telemetry/log.ts'
    const log = createLogger({ logLevel: 'info', logFormat: 'json', logColor: false })
    for (let no = 0; no < 200; no++) log.info({ no, filler: 'x'.repeat(1000) }, 'a line')
    process.exit(0)
  `
  await using unread = await startOnPipe({ args: ['--input-type=module', '-e', some] })
  await waitFor(() => linesOf(unread.read()).at(-1)?.no === 199, { what: 'the last line' })
})
