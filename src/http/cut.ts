import type { ServerResponse } from 'node:http'

/** Many clients drop what they have not read yet when they see the connection break. */
const lastWordsMs = 200

/** Ends the connection once all that was written has left, without the end of the answer. */
export function cut({ socket }: ServerResponse): void {
  socket?.destroySoon()
}

/** The same, with time to read the last words. */
export function cutSoon(outgoing: ServerResponse): void {
  const timer = setTimeout(() => cut(outgoing), lastWordsMs)
  outgoing.once('close', () => clearTimeout(timer))
}
