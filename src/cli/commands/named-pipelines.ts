import { existsSync } from 'node:fs'
import { readDefinitions } from '../../control/definitions.ts'
import { readPipelines } from '../../pipeline/read-pipelines.ts'
import { readPipelineName, type PipelineName } from '../options/read-pipeline-name.ts'
import { shownName } from '../resource-path.ts'

/** A pipeline that a command means, and how a person names it. */
export interface NamedPipeline extends PipelineName {
  readonly kind: 'ServingPipeline' | 'Pipeline'
  readonly shown: string
}

const sourced = 'pipeline/'

/**
 * The pipelines that the words of a command mean: `NAME` or `NAMESPACE/NAME` of a ServingPipeline, the same behind
 * `pipeline/` of a Pipeline, or files and folders that define them.
 */
export async function namedPipelines(words: readonly string[]): Promise<readonly NamedPipeline[]> {
  const named = await Promise.all(words.map(async word => (isFile(word) ? definedIn(word) : [namedBy(word)])))
  return named.flat()
}

/** A pipeline in a namespace may be called like a file in a folder, but seldom like one of definitions. */
const isFile = (word: string): boolean => /\.(ya?ml|json)$|\/$|^\.\.?\//.test(word) && existsSync(word)

const namedBy = (word: string): NamedPipeline =>
  word.startsWith(sourced)
    ? namedAs(readPipelineName(word.slice(sourced.length)), 'Pipeline')
    : namedAs(readPipelineName(word), 'ServingPipeline')

function namedAs({ namespace, name }: PipelineName, kind: NamedPipeline['kind']): NamedPipeline {
  const shown = shownName({ namespace, name })
  return { namespace, name, kind, shown: kind === 'Pipeline' ? sourced + shown : shown }
}

async function definedIn(path: string): Promise<readonly NamedPipeline[]> {
  const { pipelines } = readPipelines(await readDefinitions([path]))
  return pipelines.map(parsed => namedAs(parsed, parsed.definition.kind))
}
