import { createHash } from 'node:crypto'

/** A Lua script that Redis runs as one step, known by the hash of its text. */
export interface Script {
  readonly lua: string
  readonly sha: string
  /** The ends of the names of its keys, behind that with which it is run. */
  readonly keys: readonly string[]
}

/**
 * The behaviour of a script when the memory of Redis is full. Scripts that bring accepted requests to their end go on,
 * since it is what frees memory; only what takes in new ones is refused.
 */
export type ScriptKind = 'takes in' | 'goes on' | 'reads'

const shebangs: Record<ScriptKind, string> = {
  'takes in': '#!lua',
  'goes on': '#!lua flags=allow-oom',
  reads: '#!lua flags=no-writes'
}

/**
 * Which keys a script touches it finds out while it runs. It declares two that are never there: so it is refused,
 * before it has done anything, for as long as its slot of a cluster moves. With one of them it would run on the new
 * node, and find nothing; with those that it surely touches, it could stop in its middle at one that is on the other
 * node.
 */
const neverThere = ['', ':moves']

export function createScript(kind: ScriptKind, ...chunks: readonly string[]): Script {
  return { ...createOneKeyScript(kind, ...chunks), keys: neverThere }
}

/** A script that touches the one key with which it is run, and no other. */
export function createOneKeyScript(kind: ScriptKind, ...chunks: readonly string[]): Script {
  const lua = [shebangs[kind], ...chunks].join('\n')
  return { lua, sha: createHash('sha1').update(lua).digest('hex'), keys: [''] }
}
