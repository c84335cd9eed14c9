import type { Fields } from '../../pipeline/spec/rule.ts'
import { fetchFromAdmin } from '../fetch-document.ts'
import { age } from '../print/age.ts'
import { itemsOf, printPage } from '../print/print-page.ts'
import { printRecord } from '../print/print-record.ts'
import { progressText } from '../print/progress-text.ts'
import type { ShowOptions } from './dead-letters.ts'

const columns = ['id', 'status', 'age', 'progress']

/** Prints the bulk replays of a gateway. */
export async function listReplays({ output, ...options }: ShowOptions): Promise<void> {
  const page = await fetchFromAdmin(options, 'GET', '/replays')
  const items = itemsOf(page).map(job => ({ ...job, age: age(job['startedAt']), progress: progressText(job) }))
  await printPage(output === 'table' ? { ...page, items } : page, columns, { output, none: 'no bulk replays' })
}

/** Stops a bulk replay, and prints how far it came. */
export async function stopReplay(id: string, { output, ...options }: ShowOptions): Promise<void> {
  const job: Fields = await fetchFromAdmin(options, 'DELETE', `/replays/${encodeURIComponent(id)}`)
  if (output !== 'table') await printRecord(job, output)
  else process.stdout.write(`${String(job['status'])}: ${progressText(job)}\n`)
}
