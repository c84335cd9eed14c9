import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import { fetchFromAdmin } from '../fetch-document.ts'
import type { AdminOptions } from '../options/admin-option.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { readPipelineName } from '../options/read-pipeline-name.ts'
import { plainText } from '../print/plain-text.ts'
import { printDocument } from '../print/print-document.ts'
import { resourcePath } from '../resource-path.ts'

export interface RolloutOptions extends AdminOptions {
  readonly output: OutputFormat
}

/** Prints how far the rollout of a step is. Throws when there is none. */
export async function showRollout(pipeline: string, step: string, { output, ...admin }: RolloutOptions): Promise<void> {
  const status = await fetchFromAdmin(admin, 'GET', `${resourcePath(readPipelineName(pipeline))}/status`)
  const { steps } = status
  const found = (Array.isArray(steps) ? steps : [])
    .filter(isMapping)
    .find(each => each['path'] === step || each['name'] === step)
  const rollout = found?.['rollout']
  if (!isMapping(rollout)) throw new Error(`${pipeline} has no step "${step}" with a rollout`)
  await print(step, rollout, output)
}

/** Has the gateway promote, abort or restart it, and prints how far it is then. */
export async function commandRollout(
  pipeline: string,
  step: string,
  command: string,
  { output, ...admin }: RolloutOptions
): Promise<void> {
  const path = `${resourcePath(readPipelineName(pipeline))}/rollouts/${encodeURIComponent(step)}`
  await print(step, await fetchFromAdmin(admin, 'POST', path, { do: command }), output)
}

async function print(step: string, rollout: Fields, output: OutputFormat): Promise<void> {
  if (output !== 'table') return printDocument(rollout, output)
  const { tag, phase, percent, history } = rollout
  const lines = (Array.isArray(history) ? history : [])
    .filter(isMapping)
    .map(event => `  ${String(event['at'])}  ${String(event['percent'])} %  ${String(event['why'])}`)
  process.stdout.write(
    plainText([`${step} ${String(tag)} ${String(phase)} ${String(percent)} %`, ...lines, ''].join('\n'))
  )
}
