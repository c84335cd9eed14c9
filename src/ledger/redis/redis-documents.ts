import type { Documents } from '../documents.ts'
import { decodeName, encodeName } from './key-name.ts'
import type { Keys } from './keys.ts'
import type { RedisConnection } from './redis-connection.ts'
import { readFields, readNumber, readText } from './read-reply.ts'

/** One hash for each kind. */
export function createRedisDocuments(connection: RedisConnection, keys: Keys): Documents {
  return {
    async put(kind, name, text) {
      await connection.command('HSET', [keys.documents(kind), encodeName(name), text])
    },
    async add(kind, name, text) {
      const field = [keys.documents(kind), encodeName(name)]
      await connection.command('HSETNX', [...field, text])
      return readText(await connection.command('HGET', field))
    },
    async get(kind, name) {
      const text = await connection.command('HGET', [keys.documents(kind), encodeName(name)])
      return text === null ? undefined : readText(text)
    },
    async list(kind) {
      const fields = readFields(await connection.command('HGETALL', [keys.documents(kind)]))
      const documents = [...fields].map(([name, text]) => ({ name: decodeName(name), text: text.toString() }))
      return documents.sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    async remove(kind, name) {
      return readNumber(await connection.command('HDEL', [keys.documents(kind), encodeName(name)])) === 1
    }
  }
}
