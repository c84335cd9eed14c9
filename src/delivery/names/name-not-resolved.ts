/** A name that led to no address; `code` is the resolver's, such as ENOTFOUND or ETIMEOUT. */
export class NameNotResolved extends Error {
  override readonly name = 'NameNotResolved'
  readonly code: string

  constructor(hostname: string, code: string) {
    super(`the name ${hostname} was not resolved: ${code}`)
    this.code = code
  }
}
