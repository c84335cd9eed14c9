import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import { fetchFromAdmin } from '../fetch-document.ts'
import { forEachId } from '../for-each-id.ts'
import type { AdminOptions } from '../options/admin-option.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { plainText } from '../print/plain-text.ts'
import { printDocument } from '../print/print-document.ts'
import { resourcePath } from '../resource-path.ts'
import { namedPipelines, type NamedPipeline } from './named-pipelines.ts'

export interface LifecycleOptions extends AdminOptions {
  readonly output: OutputFormat
}

export interface DeleteOptions extends LifecycleOptions {
  readonly force?: boolean
  readonly requests: string
}

/** Pauses or resumes pipelines, and prints the phase in which each is now. */
export const setPhase = (words: readonly string[], desiredPhase: 'Running' | 'Paused', options: LifecycleOptions) =>
  forEachPipeline(words, options, pipeline =>
    fetchFromAdmin(
      options,
      'PATCH',
      resourcePath(pipeline, pipeline.kind),
      {},
      { spec: { lifecycle: { desiredPhase } } }
    )
  )

/** Deletes pipelines. */
export const deletePipelines = (words: readonly string[], { force, requests, ...options }: DeleteOptions) =>
  forEachPipeline(words, options, pipeline =>
    fetchFromAdmin(options, 'DELETE', resourcePath(pipeline, pipeline.kind), { force, requests })
  )

/** Acts on one after the other; one that is refused is named, and the rest go on. */
async function forEachPipeline(
  words: readonly string[],
  { output }: LifecycleOptions,
  act: (pipeline: NamedPipeline) => Promise<Fields>
): Promise<void> {
  const named = await namedPipelines(words)
  const done = await forEachId(named, async pipeline => {
    const resource = await act(pipeline)
    if (output === 'table') process.stdout.write(plainText(`${pipeline.shown} ${phaseOf(resource)}\n`))
    return resource
  })
  if (output !== 'table')
    await printDocument(named.length === 1 && done.length === 1 ? done[0] : { items: done }, output)
}

const phaseOf = ({ status }: Fields): string => (isMapping(status) ? String(status['phase']) : '')
