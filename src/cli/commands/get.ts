import type { Fields } from '../../pipeline/spec/rule.ts'
import { fetchFromAdmin } from '../fetch-document.ts'
import { forEachId } from '../for-each-id.ts'
import type { AdminOptions } from '../options/admin-option.ts'
import { readPipelineName } from '../options/read-pipeline-name.ts'
import { pipelineGraph } from '../print/pipeline-graph.ts'
import { plainText } from '../print/plain-text.ts'
import { printDocument } from '../print/print-document.ts'
import { itemsOf, printPage } from '../print/print-page.ts'
import { nameOf, resourceColumns, resourceRows, troublesOf } from '../print/resource-row.ts'
import { allResources, resourcePath } from '../resource-path.ts'
import { namedPipelines } from './named-pipelines.ts'

export interface GetOptions extends AdminOptions {
  readonly output: 'table' | 'json' | 'yaml' | 'graph'
  readonly namespace?: string
}

const pageSize = 500

/** Prints the pipelines; those that are not there are named, and the command fails. */
export async function getPipelines(words: readonly string[], { output, ...options }: GetOptions): Promise<void> {
  const resources = words.length === 0 ? await allPipelines(options) : await somePipelines(words, options)
  // Each that is missing was told on standard error.
  if (words.length > 0 && resources.length === 0) return
  switch (output) {
    case 'graph':
      process.stdout.write(plainText(resources.map(each => pipelineGraph(nameOf(each), each)).join('\n')))
      return
    case 'table':
      await printPage({ items: resourceRows(resources) }, resourceColumns, { output, none: 'no pipelines' })
      printTroubles(resources)
      return
    case 'json':
    case 'yaml':
      await printDocument(words.length === 1 && resources.length === 1 ? resources[0] : { items: resources }, output)
  }
}

/** All that there are. */
export async function allPipelines({ namespace, ...options }: Omit<GetOptions, 'output'>): Promise<readonly Fields[]> {
  const resources = (await Promise.all(allResources.map(path => everyPage(path, options)))).flat()
  const isWanted = (resource: Fields): boolean =>
    namespace === undefined || readPipelineName(nameOf(resource)).namespace === namespace
  return resources.filter(isWanted)
}

async function everyPage(path: string, options: AdminOptions): Promise<readonly Fields[]> {
  const resources: Fields[] = []
  for (let after: unknown; ;) {
    const page = await fetchFromAdmin(options, 'GET', path, {
      limit: pageSize,
      after: typeof after === 'string' ? after : undefined
    })
    resources.push(...itemsOf(page))
    after = page['next']
    if (typeof after !== 'string') return resources
  }
}

async function somePipelines(words: readonly string[], options: AdminOptions): Promise<readonly Fields[]> {
  const byName = new Map((await namedPipelines(words)).map(each => [each.shown, each]))
  return forEachId([...byName.values()], pipeline =>
    fetchFromAdmin(options, 'GET', resourcePath(pipeline, pipeline.kind))
  )
}

/** Below the table, why something is not as it should be. */
function printTroubles(resources: readonly Fields[]): void {
  const lines = troublesOf(resources)
  if (lines.length > 0) process.stdout.write(plainText(`\n${lines.join('\n')}\n`))
}
