import type { RedisServer } from '../helpers/redis-server.ts'

let streams = 0
/** Two streams that no other test has. */
export const aPair = (): { readonly from: string; readonly to: string } => ({
  from: `in-${++streams}`,
  to: `out-${streams}`
})

/** A source that reads this stream. */
export const readFrom = ({ url }: Pick<RedisServer, 'url'>, stream: string) => [
  { name: 'entries', redisStream: { url, stream } }
]

/** A sink that writes to this stream. */
export const writeTo = ({ url }: Pick<RedisServer, 'url'>, stream: string) => [
  { name: 'kept', redisStream: { url, stream } }
]
