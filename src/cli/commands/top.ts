import { setTimeout as sleep } from 'node:timers/promises'
import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import type { AdminOptions } from '../options/admin-option.ts'
import { failureText } from '../print/failure-text.ts'
import { plainText } from '../print/plain-text.ts'
import { resourceColumns, resourceRows, troublesOf } from '../print/resource-row.ts'
import { tableText } from '../print/table-text.ts'
import { allPipelines } from './get.ts'

export interface TopOptions extends AdminOptions {
  readonly every: number
  readonly namespace?: string
}

/** The octets of q, Q and Ctrl-C. */
const endingKeys: ReadonlySet<number> = new Set([0x71, 0x51, 0x03])
const escape = 0x1b

/** An arrow, as any key that has no octet of its own, begins as Escape does. */
const isEnding = (keys: Buffer): boolean =>
  keys[0] === escape ? keys.length === 1 : keys.some(key => endingKeys.has(key))

const home = '\u001b[H'
const clearLine = '\u001b[K'
const clearBelow = '\u001b[J'
const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'

/** Shows the pipelines once, or on a terminal again and again until a person has seen enough. */
export async function showTop({ every, ...options }: TopOptions): Promise<void> {
  if (!process.stdout.isTTY) {
    process.stdout.write(plainText(tableText(resourceRows(busiestFirst(await allPipelines(options))), resourceColumns)))
    return
  }
  const over = whenEnough()
  process.stdout.write(enter)
  try {
    while (!over.aborted) {
      process.stdout.write(screen(await lookedAt(options)))
      await sleep(every * 1000, undefined, { signal: over }).catch(() => {})
    }
  } finally {
    process.stdout.write(leave)
  }
}

/** The lines of one look; a gateway that is away for a while is told, and looked for again. */
async function lookedAt(options: Omit<TopOptions, 'every'>): Promise<string> {
  const { columns: width, rows: height } = process.stdout
  try {
    const resources = busiestFirst(await allPipelines(options))
    const lines = plainText(tableText(resourceRows(resources), resourceColumns, width))
      .split('\n')
      .slice(0, -1)
    const why = troublesOf(resources).map(line => plainText(line.replaceAll('\n', ' ')).slice(0, width))
    const all = why.length === 0 ? lines : [...lines, '', ...why]
    const left = all.length - (height - 2)
    const shown = left > 0 ? [...all.slice(0, height - 3), `… ${left + 1} lines more`] : all
    return [`${new Date().toISOString().slice(11, 19)}  ${resources.length} pipelines  (q ends)`, ...shown].join('\n')
  } catch (error) {
    return plainText(failureText(error))
  }
}

const screen = (text: string): string =>
  `${home}${text
    .split('\n')
    .map(line => `${line}${clearLine}`)
    .join('\n')}${clearBelow}`

/** Those with most in flight, then with most that wait. */
const busiestFirst = (resources: readonly Fields[]): readonly Fields[] =>
  resources.toSorted((a, b) => count(b, 'inFlight') - count(a, 'inFlight') || count(b, 'pending') - count(a, 'pending'))

function count({ status }: Fields, field: string): number {
  return isMapping(status) ? Number(status[field]) : 0
}

/** Aborts when a person types q or Ctrl-C, or the process is to end. */
function whenEnough(): AbortSignal {
  const ending = new AbortController()
  const end = (): void => {
    if (process.stdin.isTTY) process.stdin.setRawMode(false).pause()
    ending.abort()
  }
  if (process.stdin.isTTY) {
    process.stdin.setRawMode(true).on('data', (keys: Buffer) => {
      if (isEnding(keys)) end()
    })
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end)
  return ending.signal
}
