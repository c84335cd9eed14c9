import type { Logger } from '../telemetry/log.ts'
import { createLogSink } from './log-sink.ts'
import { RedisStreams } from './redis-streams.ts'
import type { Sink } from './sink.ts'

/** The sinks that are not destinations of HTTP. Disposing ends their connections. */
export interface Sinks extends AsyncDisposable {
  redisStream(url: string, stream: string): Sink
  /** `place`: `/{namespace}/{pipeline}/sinks/{name}`. */
  log(place: string, withData: boolean): Sink
  /** Ends the connections to these URLs of Redis, which nothing writes to any more; other names are left alone. */
  drop(unused: ReadonlySet<string>): void
}

export function createSinks(log: Logger): Sinks {
  const streams = new RedisStreams()
  return {
    redisStream: (url, stream) => streams.sink(url, stream),
    log: (place, withData) => createLogSink(log, place, withData),
    drop: unused => streams.drop(unused),
    [Symbol.asyncDispose]: () => streams[Symbol.asyncDispose]()
  }
}
