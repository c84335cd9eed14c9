import { compileExpression } from '../../src/pipeline/expression.ts'
import { truthOf } from '../../src/flow/bindings.ts'
import { anEvent } from '../helpers/events.ts'
import type { BenchContext } from './bench-context.ts'
import { requestBody } from './call-chain.ts'
import { median } from './comparison.ts'

const expressions: Readonly<Record<string, string>> = {
  'on attributes': 'type = "dev.sluice.request" and $exists(subject) = false',
  'on data': '$length(data.text) > 100',
  'with a regular expression': '$contains(data.text, /lazy\\s+dog/i)'
}

/** Microseconds of processor time that a `when` takes on an event with 1 KB of JSON, which is parsed for each. */
export async function benchConditions({ quick, progress }: BenchContext): Promise<string> {
  const data = requestBody
  const event = anEvent({ type: 'dev.sluice.request', datacontenttype: 'application/json', data })
  const around = { original: event, replies: new Map(), marks: new Map() }
  const rows: string[] = []
  for (const [name, source] of Object.entries(expressions)) {
    const condition = compileExpression(source)
    const evaluate = () => truthOf(condition, event, { deadline: Infinity } as Parameters<typeof truthOf>[2], around)
    if (!(await evaluate())) throw new Error(`${source} is not true`)
    const rounds = quick ? 5 : 15
    const perRound = quick ? 4_000 : 20_000
    const figures: number[] = []
    for (let round = 0; round < rounds; round++) {
      const begun = process.cpuUsage()
      for (let i = 0; i < perRound; i++) await evaluate()
      const { user, system } = process.cpuUsage(begun)
      figures.push((user + system) / perRound)
    }
    progress(`when ${name}: ${median(figures).toFixed(1)} µs`)
    rows.push(`| ${name} | \`${source.replaceAll('|', '\\|')}\` | ${median(figures).toFixed(1)} |`)
  }
  return ['| when | | µs |', '| --- | --- | ---: |', ...rows].join('\n')
}
