import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import { tableText } from './table-text.ts'

/** Characters in a line at most. */
const width = 98

const columns = ['step', 'status', 'attempts', 'took', 'waiting', 'error']

/** The steps of a status document as a table, each below the one that it is in. */
export function stepTree(steps: readonly Fields[]): string {
  const roots = nest(steps)
  const rows = roots.flatMap(root => rowsOf(root, '', ''))
  const isUsed = (column: string): boolean => rows.some(row => row[column] !== undefined)
  return tableText(rows, columns.filter(isUsed), width)
}

interface Branch {
  readonly step: Fields
  /** Names from the step around it on. */
  readonly label: string
  readonly inside: Branch[]
}

/** A structured step comes before those inside it. */
function nest(steps: readonly Fields[]): readonly Branch[] {
  const roots: Branch[] = []
  const byPath = new Map<string, Branch>()
  for (const step of steps) {
    const path = String(step['path'])
    const outer = outerOf(path, byPath)
    const label = outer === undefined ? path : path.slice(String(outer.step['path']).length + 1)
    const branch = { step, label, inside: [] }
    byPath.set(path, branch)
    ;(outer?.inside ?? roots).push(branch)
  }
  return roots
}

function outerOf(path: string, byPath: ReadonlyMap<string, Branch>): Branch | undefined {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const outer = byPath.get(path.slice(0, end))
    if (outer !== undefined) return outer
  }
  return undefined
}

function rowsOf({ step, label, inside }: Branch, lead: string, below: string): readonly Fields[] {
  const { status, attempts, startedAt, finishedAt, waiting, error } = step
  const row = {
    step: `${lead}${label}`,
    status,
    attempts: attempts === 0 ? undefined : String(attempts),
    took: tookText(startedAt, finishedAt),
    waiting: shortWaiting(waiting),
    error: isMapping(error) ? shortError(error, step) : undefined
  }
  const rows = inside.flatMap((branch, i) =>
    i === inside.length - 1 ? rowsOf(branch, `${below}└ `, `${below}  `) : rowsOf(branch, `${below}├ `, `${below}│ `)
  )
  return [row, ...rows]
}

function tookText(startedAt: unknown, finishedAt: unknown): string | undefined {
  const ms = Date.parse(String(finishedAt)) - Date.parse(String(startedAt))
  if (Number.isNaN(ms)) return undefined
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`
}

/** `STEP_FAILED: step "a" answered 500`, and where, unless it is the step itself. */
function shortError({ code, detail, path }: Fields, step: Fields): string {
  const place = path === step['path'] ? '' : ` at ${String(path)}`
  return `${String(code)}${place}: ${String(detail)}`
}

/** `breaker until 12:00:05, STEP_FAILED`. */
function shortWaiting(waiting: unknown): string | undefined {
  if (!isMapping(waiting)) return undefined
  const { reason, until, lastError } = waiting
  const time = typeof until === 'string' ? ` until ${until.slice(11, 19)}` : ''
  return `${String(reason)}${time}${isMapping(lastError) ? `, ${String(lastError['code'])}` : ''}`
}
