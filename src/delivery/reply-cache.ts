/** A reply that is used again. */
export interface KeptReply {
  readonly contentType: string | undefined
  readonly data: Uint8Array
}

interface Entry extends KeptReply {
  readonly destination: string
  readonly octets: number
  /** On the clock of `performance.now()`. */
  readonly at: number
}

/** Octets that all replies may take together. */
const maxOctets = 64 * 2 ** 20

/** Of one reply: larger ones would drive out too many others. */
const maxReplyOctets = maxOctets / 16

/** Roughly what an entry takes beside its data. */
const entryOctets = 512

/** Replies by the digests of what they answered, in bounded memory: the one that was not used for longest gives way. */
export class ReplyCache {
  readonly #entries = new Map<string, Entry>()
  #octets = 0

  get octets(): number {
    return this.#octets
  }

  /** The reply to this key, if it is not older than `ttlMs`. */
  get(key: string, ttlMs: number): KeptReply | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (performance.now() - entry.at > ttlMs) {
      this.#remove(key, entry)
      return undefined
    }
    // The map is in the order of use.
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry
  }

  put(key: string, destination: string, { contentType, data }: KeptReply): void {
    const octets = entryOctets + data.length
    if (octets > maxReplyOctets) return
    const known = this.#entries.get(key)
    if (known !== undefined) this.#remove(key, known)
    // A copy: the octets of an answer may be a small part of what was read at once, and would keep all of it.
    this.#entries.set(key, { destination, contentType, data: Buffer.from(data), octets, at: performance.now() })
    this.#octets += octets
    for (const [oldest, entry] of this.#entries) {
      if (this.#octets <= maxOctets) return
      this.#remove(oldest, entry)
    }
  }

  /** Nobody calls these destinations any more. */
  drop(destinations: ReadonlySet<string>): void {
    if (destinations.size === 0) return
    for (const [key, entry] of this.#entries) if (destinations.has(entry.destination)) this.#remove(key, entry)
  }

  #remove(key: string, { octets }: Entry): void {
    this.#entries.delete(key)
    this.#octets -= octets
  }
}
