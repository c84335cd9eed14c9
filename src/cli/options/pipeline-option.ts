import { Option } from 'commander'
import { readPipelineName } from './read-pipeline-name.ts'

/** `--pipeline NAME`, as `namespace/name`. */
export const pipelineOption = (): Option =>
  new Option('--pipeline <name>', 'only those of this pipeline: name, or namespace/name').argParser(text => {
    const { namespace, name } = readPipelineName(text)
    return `${namespace}/${name}`
  })
