import { InvalidArgumentError } from 'commander'
import { defaults } from '../../pipeline/defaults.ts'

export interface PipelineName {
  readonly namespace: string
  readonly name: string
}

/** `name` or `namespace/name`, as an argument of a command. */
export function readPipelineName(text: string): PipelineName {
  const parts = /^(?:(?<namespace>[^/]+)\/)?(?<name>[^/]+)$/.exec(text)?.groups
  if (parts?.['name'] === undefined) throw new InvalidArgumentError('Write NAME or NAMESPACE/NAME.')
  return { namespace: parts['namespace'] ?? defaults.namespace, name: parts['name'] }
}
