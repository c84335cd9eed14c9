/** The path of the sequence that is the whole plan. */
export const rootPath = ''

/** Whether a sequence or a node stands inside the sequence or the step at the outer path. */
export const isInside = (inner: string, outer: string): boolean =>
  outer === rootPath ? inner !== rootPath : inner.startsWith(`${outer}/`)

/** Whether a node stands inside no other one. */
export const isOutermost = (path: string): boolean => !path.includes('/')

/** Marks are by the paths of their sequences: none has begun. */
export const noMarks: ReadonlyMap<string, never> = new Map<string, never>()
