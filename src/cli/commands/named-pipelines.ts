import { existsSync } from 'node:fs'
import { readDefinitions } from '../../control/definitions.ts'
import { readPipelines } from '../../pipeline/read-pipelines.ts'
import { readPipelineName, type PipelineName } from '../options/read-pipeline-name.ts'

/** The pipelines that the words of a command mean: their names, or files and folders that define them. */
export async function namedPipelines(words: readonly string[]): Promise<readonly PipelineName[]> {
  const named = await Promise.all(words.map(async word => (isFile(word) ? definedIn(word) : [readPipelineName(word)])))
  return named.flat()
}

/** A pipeline in a namespace may be called like a file in a folder, but seldom like one of definitions. */
const isFile = (word: string): boolean => /\.(ya?ml|json)$|\/$|^\.\.?\//.test(word) && existsSync(word)

async function definedIn(path: string): Promise<readonly PipelineName[]> {
  const { pipelines } = readPipelines(await readDefinitions([path]))
  return pipelines.map(({ namespace, name }) => ({ namespace, name }))
}
