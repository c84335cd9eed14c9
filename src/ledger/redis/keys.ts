import { encodeName } from './key-name.ts'

/** Names of keys and channels. What comes from outside is encoded; the braces keep a pipeline in one slot of a cluster. */
export interface Keys {
  /** What all of them begin with, before a colon. */
  readonly prefix: string
  /** The set of all pipelines that have ever accepted a request, by their encoded names. */
  readonly pipelines: string
  /** The channel that names, encoded, a pipeline with something to claim. */
  readonly work: string
  /** The channel on which one process hears itself. */
  readonly heartbeat: string
  /** What the keys begin with on which the rights of the user are tried. */
  readonly rights: string
  documents(kind: string): string
  /** Who has the role. */
  role(role: string): string
  /** What the keys of the pipeline begin with. */
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
