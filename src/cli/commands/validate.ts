import { environment } from '../../config.ts'
import { readDefinitions } from '../../control/definitions.ts'
import { accessWarnings, formatWarning } from '../../pipeline/access-warnings.ts'
import { readPipelines } from '../../pipeline/read-pipelines.ts'
import { exitCodes } from '../exit-codes.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { printDocument } from '../print/print-document.ts'
import { verdict } from './verdict.ts'

export interface ValidateOptions {
  readonly output: OutputFormat
}

/** Prints every fault of the definitions at these paths, and what may not be meant; any fault is a failure. */
export async function validate(paths: readonly string[], { output }: ValidateOptions): Promise<void> {
  const sources = await readDefinitions(paths)
  if (sources.length === 0) {
    throw new Error(`no definitions in ${paths.join(', ')}; they are named *.yaml, *.yml or *.json`)
  }
  const { pipelines, faults: own, incomplete } = readPipelines(sources, environment())
  const faults = [...own, ...incomplete]
  const warnings = accessWarnings(pipelines)
  if (output === 'table') {
    process.stdout.write(verdict(sources, { pipelines, faults }))
    for (const warning of warnings) process.stderr.write(`${formatWarning(warning)}\n`)
  } else {
    const shown = pipelines.map(({ file, namespace, name, definition: { kind } }) => ({ file, namespace, name, kind }))
    await printDocument({ pipelines: shown, faults, warnings }, output)
  }
  if (faults.length > 0) process.exitCode = exitCodes.failed
}
