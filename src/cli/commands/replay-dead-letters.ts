import { setTimeout as delay } from 'node:timers/promises'
import type { Fields } from '../../pipeline/spec/rule.ts'
import { filterOf, type ReplayOptions } from './dead-letters.ts'
import { fetchFromAdmin } from '../fetch-document.ts'
import { forEachId } from '../for-each-id.ts'
import { columnsOf, fitted, indentOf } from '../print/folded.ts'
import { printPage } from '../print/print-page.ts'
import { printRecord } from '../print/print-record.ts'
import { progressText } from '../print/progress-text.ts'

/** How often the progress of a bulk replay is asked for, in milliseconds. */
const progressMs = 500

const columns = ['id', 'status', 'replayOf', 'repeated']

/** Replays the dead letters that are named, or begins a bulk replay and follows it to its end. */
export async function replayDeadLetters(ids: readonly string[], options: ReplayOptions): Promise<void> {
  if (ids.length === 0) {
    await replayInBulk(options)
    return
  }
  const items = await forEachId(ids, id => {
    const path = `/deadletters/${encodeURIComponent(id)}/replay`
    return fetchFromAdmin(options, 'POST', path, { from: options.from })
  })
  await printPage({ items, next: null }, columns, { output: options.output, none: 'nothing was replayed' })
}

async function replayInBulk(options: ReplayOptions): Promise<void> {
  const { from, rate } = options
  let job = await fetchFromAdmin(options, 'POST', '/deadletters/replay', { ...filterOf(options), from, rate })
  const id = String(job['id'])
  if (options.detach !== true) {
    process.once('SIGINT', () => leave(id))
    process.stderr.write(`the bulk replay ${id} has begun\n`)
    while (!ended.has(String(job['status']))) {
      showProgress(job)
      await delay(progressMs)
      job = await fetchFromAdmin(options, 'GET', `/replays/${encodeURIComponent(id)}`)
    }
    if (process.stderr.isTTY) process.stderr.write('\n')
  }
  await printRecord(job, options.output)
}

const ended = new Set(['done', 'stopped'])

/** The gateway carries the replay out, not this command. */
function leave(id: string): void {
  const told = `the replay goes on in the gateway; 'sluice deadletters stop ${id}' ends it`
  process.stderr.write(`\n${fitted(told, columnsOf(process.stderr), indentOf)}\n`)
  process.exit(interrupted)
}

/** As a shell tells a command that SIGINT ended. */
const interrupted = 130

/** Has the terminal forget what stood there. */
const toEndOfLine = '\x1b[K'

/** One line that is written over, on a terminal only. */
function showProgress(job: Fields): void {
  if (!process.stderr.isTTY) return
  process.stderr.write(
    `\r${toEndOfLine}${String(job['status'])}: ${progressText(job)}`.slice(0, process.stderr.columns)
  )
}
