import type { Gateway } from '../../gateway/head.ts'
import { servedLines } from '../../pipeline/served-pipeline.ts'
import { folded } from './folded.ts'

/** Pipelines that a start lists. */
const most = 20
const indent = '  '
/** The least that is left of the name of a store, however narrow the terminal is. */
const leastName = 12

/**
 * The text that `run` prints when it serves: one line, and on a terminal of so many `columns` (Infinity: a program reads) a line for each pipeline
 * behind it. Where the terminal would fold the first one, the guarantee of the store has lines of its own.
 */
export function readyText(gateway: Gateway, columns: number): string {
  if (columns === Infinity) return `${readyLine(gateway, gateway.store)}\n`
  const { url, store } = gateway
  const pipelines = gateway.pipelines()
  const lines = servedLines(pipelines.slice(0, most), columns - indent.length)
  if (pipelines.length > most) lines.push(`… and ${pipelines.length - most} more: curl ${url}/`)
  const whole = readyLine(gateway, store)
  const head = whole.length <= columns ? [whole] : foldedHead(gateway, columns)
  return [...head, ...lines.map(line => `${indent}${line}`)].map(line => `${line}\n`).join('')
}

function foldedHead(gateway: Gateway, columns: number): string[] {
  const room = columns - readyLine(gateway, '').length
  const name = shortened(nameOf(gateway.store), Math.max(room, leastName))
  const told = folded(`store: ${gateway.store}`, columns - 2 * indent.length)
  return [readyLine(gateway, name), ...told.map((line, i) => `${i === 0 ? '' : indent}${indent}${line}`)]
}

const readyLine = ({ url, adminUrl }: Gateway, store: string): string =>
  `sluice ready on ${url} (admin ${adminUrl}, store ${store})`

/** `sqlite file /x/sluice.db` of `sqlite file /x/sluice.db: survives kill -9 and …`. */
const nameOf = (store: string): string => store.split(/[:,;] /, 1)[0] ?? store

/** Its kind stays, and the end of its path. */
function shortened(name: string, room: number): string {
  if (name.length <= room) return name
  const head = Math.min(name.search(/[ :]|$/) + 1, Math.floor(room / 2))
  return `${name.slice(0, head)}…${name.slice(name.length - (room - head - 1))}`
}
