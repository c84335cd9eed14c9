/** An expression that is not CESQL. The message says where, counting characters from 1. */
export class CesqlSyntaxError extends Error {
  override readonly name = 'CesqlSyntaxError'

  /** `offset` counts from 0. */
  constructor(what: string, offset: number) {
    super(`${what} at character ${offset + 1}`)
  }
}
