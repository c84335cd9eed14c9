import type { AdminOptions } from '../options/admin-option.ts'
import { readPipelineName, type PipelineName } from '../options/read-pipeline-name.ts'
import { fetchFromAdmin } from '../fetch-document.ts'
import { itemsOf } from '../print/print-page.ts'

/** A request as a command names it: by its id, with its pipeline or without. */
export interface RequestName {
  readonly pipeline: PipelineName | undefined
  readonly id: string
}

/** Above everything that an id can have: a page that begins behind it begins with the id itself. */
const aboveIds = '~'

/** The pipeline of the request, which the admin plane is asked for where it was not named. */
export async function pipelineOf({ pipeline, id }: RequestName, options: AdminOptions): Promise<PipelineName> {
  if (pipeline !== undefined) return pipeline
  const page = await fetchFromAdmin(options, 'GET', '/requests', { after: `${id}${aboveIds}`, limit: 1 })
  const [found] = itemsOf(page)
  if (found?.['id'] !== id) {
    throw new Error(
      `there is no stored request "${id}" (REQUEST_NOT_FOUND); 'sluice requests list' shows those there are`
    )
  }
  return readPipelineName(String(found['pipeline']))
}
