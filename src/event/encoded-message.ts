/** An event as the head and body of an HTTP message. */
export interface EncodedMessage {
  /** Flat list of lower-case names and values. */
  readonly headers: string[]
  readonly body: Uint8Array | undefined
}
