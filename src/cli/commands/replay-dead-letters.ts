import { setTimeout as delay } from 'node:timers/promises'
import type { Fields } from '../../pipeline/spec/rule.ts'
import { filterOf, type ReplayOptions } from './dead-letters.ts'
import { fetchFromAdmin } from '../fetch-document.ts'
import { forEachId } from '../for-each-id.ts'
import { printPage } from '../print/print-page.ts'
import { printRecord } from '../print/print-record.ts'

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
  await printPage({ items, next: null }, columns, options.output)
}

async function replayInBulk(options: ReplayOptions): Promise<void> {
  const { from, rate } = options
  let job = await fetchFromAdmin(options, 'POST', '/deadletters/replay', { ...filterOf(options), from, rate })
  const path = `/deadletters/replays/${String(job['id'])}`
  while (options.detach !== true && job['status'] !== 'done') {
    showProgress(job)
    await delay(progressMs)
    job = await fetchFromAdmin(options, 'GET', path)
  }
  if (process.stderr.isTTY) process.stderr.write('\n')
  await printRecord(job, options.output)
}

/** One line that is written over, on a terminal only. */
function showProgress({ id, status, replayed }: Fields): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${String(id)} ${String(status)}: ${String(replayed)} replayed`)
}
