import { compare, compareRoom } from './compare.ts'
import { describedShapes } from './described-shapes.ts'
import { loadShapes } from './load-shapes.ts'
import type { StepKind } from './simulated-pool.ts'
import { stepKinds } from './step-kinds.ts'

/*
 * node test/runner/predictive/run.ts [SEEDS] [STEP KIND …]
 *
 * Predictive and reactive scaling at equal cost, on each shape, with each kind of step: how many fewer requests wait, in
 * the median of the seeds and in the worst of them.
 */

const [count = '10', ...kinds] = process.argv.slice(2)
const seeds = Array.from({ length: Number(count) }, (_, i) => i + 1)

const percent = (part: number): string => `${(100 * part).toFixed(0)} %`.padStart(7)

function told(parts: readonly number[]): string {
  const sorted = parts.toSorted((a, b) => a - b)
  return `${percent(sorted[Math.floor(sorted.length / 2)] ?? 0)}${percent(sorted[0] ?? 0)}`
}

for (const [kind, step] of Object.entries<StepKind>(stepKinds)) {
  if (kinds.length > 0 && !kinds.includes(kind)) continue
  console.log(`\n${kind}: ${JSON.stringify(step)}`)
  console.log(`${'shape'.padEnd(42)}fewer: median, worst   than with room: median, worst   held of requests, cost`)
  for (const shape of [...loadShapes, ...describedShapes]) {
    const all = seeds.map(seed => ({ ...compare(shape, step, seed), seed }))
    const room = all.map(({ predictive, seed }) => compareRoom(shape, step, seed, predictive))
    const [first] = all
    if (first === undefined) continue
    const { predictive, reactive } = first
    const held = `${predictive.held} (reactive ${reactive.held}) of ${predictive.requests}, ${predictive.cost} s`
    console.log(
      `${shape.name.padEnd(42)}${told(all.map(each => each.fewer))}        ${told(room)}                 ${held}`
    )
  }
}
