import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { BenchContext, BenchPart } from './bench-context.ts'
import { runSockets } from './socket-load.ts'
import { runWrk } from './wrk-load.ts'

/**
 * Runs the parts that the command line asks for: `[--quick] [--only PART] [--main ../other-checkout/src/main.ts]`.
 *
 * Measures and prints; it judges nothing, so it exits 0. Markdown goes to stdout, progress to stderr.
 */
export async function runBench(parts: Readonly<Record<string, BenchPart>>): Promise<void> {
  const { values: flags } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, main: { type: 'string' } }
  })
  if (flags.only !== undefined && !Object.hasOwn(parts, flags.only)) {
    console.error(`--only takes one of ${Object.keys(parts).join(', ')}`)
    process.exit(2)
  }
  const hasWrk = spawnSync('wrk', ['--version']).error === undefined
  const context: BenchContext = {
    main: flags.main === undefined ? fileURLToPath(new URL('../../src/main.ts', import.meta.url)) : resolve(flags.main),
    quick: flags.quick,
    runLoad: hasWrk ? runWrk : runSockets,
    progress: message => console.error(message)
  }
  const [, script = '', ...args] = process.argv
  console.log(`\`${['node', relative('.', script), ...args].join(' ')}\`

Node ${process.version}, ${availableParallelism()} CPUs, shared by the load (${hasWrk ? 'wrk' : 'sockets'}), the models and what is measured.
Figures are medians of rounds; compare the ratios, not the figures, with those of another machine.`)
  for (const [name, part] of Object.entries(parts)) {
    if (flags.only !== undefined && flags.only !== name) continue
    console.log(`\n${await part(context).catch((error: unknown) => `${name} could not be measured: ${String(error)}`)}`)
  }
}
