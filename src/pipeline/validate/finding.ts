import type { FaultCode } from '../fault.ts'

export type Path = readonly (string | number)[]

/**
 * A mistake by its place in the document's value; lines and columns come later, for the few documents that have one.
 */
export interface Finding {
  readonly path: Path
  /**
   * Which part of the field is to blame. A missing field is looked for in vain, and blames the one that should hold it.
   */
  readonly at: 'key' | 'value'
  readonly code: FaultCode
  readonly message: string
  readonly hint: string | undefined
}

const plainKey = /^[A-Za-z_][\w-]*$/

/** `spec.steps[1].delivery.retry` */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    if (!plainKey.test(key)) return `${text}[${JSON.stringify(key)}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}
