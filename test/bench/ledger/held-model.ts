import { createServer } from 'node:http'
import { listenOnLoopback } from '../../helpers/loopback.ts'

/* The process of a model that never answers: what waits for it occupies its pipeline for as long as the load lasts. */

const server = createServer()
console.log(`model ready on http://127.0.0.1:${await listenOnLoopback(server)}`)
