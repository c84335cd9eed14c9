import { behaviours, misbehave } from './bad-client.ts'

/*
 * The process of the bad clients: `PORT COUNT MS`. So many connections misbehave for so long, each in one of the ways, and
 * the numbers of connections that this took are told by way.
 */

const [port = 0, count = 0, ms = 0] = process.argv.slice(2).map(Number)
const signal = AbortSignal.timeout(ms)
const ways = Object.entries(behaviours)
const took: Record<string, number> = {}
await Promise.all(
  Array.from({ length: count }, async (_, i) => {
    const [name = '', behaviour] = ways[i % ways.length] ?? []
    if (behaviour === undefined) return
    const connections = await misbehave(port, behaviour, signal)
    took[name] = (took[name] ?? 0) + connections
  })
)
console.log(`bad clients: ${JSON.stringify(took)}`)
