import { startRedis } from '../helpers/redis-server.ts'

/** The stores that a gateway is tried with: its own file, and a Redis. */
export const stores = [
  { store: 'a file', open: openFile },
  { store: 'Redis', open: openRedis }
]

/** The store that the test gateway has when it is told of none. */
async function openFile() {
  return { config: {}, [Symbol.asyncDispose]: async () => {} }
}

async function openRedis() {
  const server = await startRedis()
  return { config: { store: server.url }, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}
