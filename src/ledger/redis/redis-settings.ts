import { ReplyError } from 'ioredis'
import type { RedisClient } from '../../redis/redis-client.ts'
import { readFields, readText } from './read-reply.ts'

/** The settings that a server tells of itself; a value that it does not tell is `undefined`. */
export interface RedisSettings {
  readonly version: string | undefined
  readonly role: string | undefined
  readonly replicas: number
  readonly appendonly: string | undefined
  readonly appendfsync: string | undefined
  readonly save: string | undefined
  readonly maxmemoryPolicy: string | undefined
  readonly minReplicasToWrite: string | undefined
}

/** Asks one server; a managed one may refuse to answer, which is no failure. Throws when there is no answer. */
export async function readRedisSettings(client: RedisClient): Promise<RedisSettings> {
  const [config, info] = await Promise.all([readConfig(client), readInfo(client)])
  return {
    version: info.get('redis_version'),
    role: info.get('role'),
    replicas: Number(info.get('connected_slaves') ?? 0),
    appendonly: config.get('appendonly'),
    appendfsync: config.get('appendfsync'),
    save: config.get('save'),
    maxmemoryPolicy: config.get('maxmemory-policy') ?? info.get('maxmemory_policy'),
    minReplicasToWrite: config.get('min-replicas-to-write')
  }
}

async function readConfig(client: RedisClient): Promise<ReadonlyMap<string, string>> {
  const names = ['appendonly', 'appendfsync', 'save', 'maxmemory-policy', 'min-replicas-to-write']
  const values = await Promise.all(
    names.map(async name => {
      const answer = await orNothing(client.callBuffer('CONFIG', ['GET', name]))
      return [...readFields(answer ?? [])].map(([key, value]) => [key, value.toString()] as const)
    })
  )
  return new Map(values.flat())
}

export async function readInfo(client: RedisClient): Promise<ReadonlyMap<string, string>> {
  const sections = await Promise.all(
    ['server', 'memory', 'replication'].map(section => orNothing(client.callBuffer('INFO', [section])))
  )
  const lines = sections.flatMap(section => (section === undefined ? [] : readText(section).split('\r\n')))
  return new Map(
    lines
      .filter(line => line.includes(':'))
      .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)])
  )
}

const orNothing = (answer: Promise<unknown>): Promise<unknown> =>
  answer.catch((error: unknown) => {
    if (error instanceof ReplyError) return undefined
    throw error
  })
