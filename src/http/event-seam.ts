/**
 * Where a stream of server-sent events that somebody else writes stands: it may break off in the middle of an event,
 * which must not take one of ours in.
 */
export class EventSeam {
  #tail = ''

  passed(octets: Uint8Array): void {
    this.#tail = (this.#tail + Buffer.from(octets.subarray(-3)).toString('latin1')).slice(-3)
  }

  get isBetweenEvents(): boolean {
    return this.#tail === '' || /\n\n$|[\n\r]\r\n?$/.test(this.#tail)
  }

  /** Written before an event of ours, which ends one that was begun. */
  close(): '' | '\n\n' {
    const parted = this.isBetweenEvents ? '' : '\n\n'
    this.#tail = ''
    return parted
  }
}
