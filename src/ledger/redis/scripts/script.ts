import { createHash } from 'node:crypto'

/** A Lua script that Redis runs as one step, known by the hash of its text. */
export interface Script {
  readonly lua: string
  readonly sha: string
}

/**
 * What Redis lets a script do when its memory is full. What brings accepted requests to their end is allowed to go on,
 * since it is what frees memory; only what takes in new ones is refused.
 */
export type ScriptKind = 'takes in' | 'goes on' | 'reads'

const shebangs: Record<ScriptKind, string> = {
  'takes in': '#!lua',
  'goes on': '#!lua flags=allow-oom',
  reads: '#!lua flags=no-writes'
}

export function createScript(kind: ScriptKind, ...chunks: readonly string[]): Script {
  const lua = [shebangs[kind], ...chunks].join('\n')
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}
