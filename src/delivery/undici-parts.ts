import { createRequire, Module } from 'node:module'
import type * as undici from 'undici'

const require = createRequire(import.meta.url)

// Steps are called over HTTP/1.1 (`allowH2: false`). undici's client for HTTP/2 would have Node load its own, and TLS, at
// each start.
const withoutHttp2 = require.resolve('undici/lib/dispatcher/client-h2.js')
require.cache[withoutHttp2] ??= new Module(withoutHttp2)

/**
 * The parts of undici that calls of steps need. The package as a whole also has fetch, WebSocket, caches and mocks,
 * which are two thirds of the time that it takes to load.
 */
export const Client: typeof undici.Client = require('undici/lib/dispatcher/client.js')
export type Client = undici.Client
export const buildConnector: typeof undici.buildConnector = require('undici/lib/core/connect.js')
