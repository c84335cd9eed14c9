import { encodeName } from './key-name.ts'

/** Names of keys and channels. Names from outside are encoded; the braces keep a pipeline in one slot of a cluster. */
export interface Keys {
  /** The beginning of all of them, before a colon. */
  readonly prefix: string
  /** The set of all pipelines that have ever accepted a request, by their encoded names. */
  readonly pipelines: string
  /** The channel that names, encoded, a pipeline with something to claim. */
  readonly work: string
  /** The channel on which one process hears itself. */
  readonly heartbeat: string
  /** The beginning of the keys on which the rights of the user are tried. */
  readonly rights: string
  documents(kind: string): string
  /** The owner of the role. */
  role(role: string): string
  /** The beginning of the keys of the pipeline. */
  pipeline(pipeline: string): string
  /** The channel that names, encoded, the requests of the pipeline that changed. */
  changes(pipeline: string): string
}

export function createKeys(prefix: string, instance: string): Keys {
  const pipelineKey = (pipeline: string) => `${prefix}:{${encodeName(pipeline)}}`
  return {
    prefix,
    rights: `${prefix}:{rights}`,
    pipelines: `${prefix}:pipelines`,
    work: `${prefix}:work`,
    heartbeat: `${prefix}:heartbeat:${instance}`,
    documents: kind => `${prefix}:documents:${encodeName(kind)}`,
    role: role => `${prefix}:roles:${encodeName(role)}`,
    pipeline: pipelineKey,
    changes: pipeline => `${pipelineKey(pipeline)}:changes`
  }
}
