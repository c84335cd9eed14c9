import type { Gateway } from '../../gateway/head.ts'
import { servedLines } from '../../pipeline/served-pipeline.ts'

/** Pipelines that a start lists. */
const most = 20

/** The text that `run` prints when it serves: one line, and on a terminal a line for each pipeline behind it. */
export function readyText({ url, adminUrl, store, ...gateway }: Gateway, onTerminal: boolean): string {
  const ready = `sluice ready on ${url} (admin ${adminUrl}, store ${store})\n`
  if (!onTerminal) return ready
  const pipelines = gateway.pipelines()
  const lines = servedLines(pipelines.slice(0, most))
  if (pipelines.length > most) lines.push(`… and ${pipelines.length - most} more: curl ${url}/`)
  return `${ready}${lines.map(line => `  ${line}\n`).join('')}`
}
