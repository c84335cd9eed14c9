import { expect, it } from 'vitest'
import { request } from 'undici'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { startStep } from '../helpers/step-server.ts'
import { writeChainPipeline } from './chain-pipeline.ts'
import { startGateway, type GatewayContender } from './contender.ts'
import { requestBody } from './call-chain.ts'

const main = new URL('../../src/main.ts', import.meta.url).pathname
const callers = 16
const headers = { 'content-type': 'application/json' }
/** Until what runs often is compiled, which makes less. */
const warmUp = 3_000
const counted = 1_500

/** Told by the gateway's process when it is asked: all octets that V8 has allocated in it so far. */
const teller = `
  import { getHeapStatistics } from 'node:v8'
  let times = 0
  process.on('SIGUSR2', () => console.error('allocated ' + ++times + ' ' + getHeapStatistics().total_allocated_bytes))`
const preloaded = `data:text/javascript,${encodeURIComponent(teller)}`

// The time of a request depends on the machine, this hardly does: it is 45 to 52 KB, the less the more come at once.
it('a request of two steps makes no more garbage than it needs', async () => {
  await using step = await startStep({ headers: { 'content-type': 'application/json' }, body: requestBody })
  await using folder = await createTempFolder()
  await writeChainPipeline(folder, 'chain', [step.url, step.url])
  await using gateway = await startGateway({ main, folder: folder.path, nodeOptions: ['--import', preloaded] })
  await callMany(gateway.url, warmUp)
  const before = await allocated(gateway, 1)
  await callMany(gateway.url, counted)
  const each = ((await allocated(gateway, 2)) - before) / counted
  expect(each).toBeGreaterThan(10_000)
  expect(each).toBeLessThan(60_000)
}, 180_000)

async function allocated({ process }: GatewayContender, time: number): Promise<number> {
  process.kill('SIGUSR2')
  const [, octets] = await process.waitForLine(new RegExp(`^allocated ${time} (\\d+)$`))
  return Number(octets)
}

async function callMany(url: string, requests: number): Promise<void> {
  let left = requests
  const call = async (): Promise<void> => {
    while (left-- > 0) {
      const { statusCode, body } = await request(`${url}/bench/chain`, { method: 'POST', headers, body: requestBody })
      await body.dump()
      if (statusCode !== 200) throw new Error(`answered ${statusCode}`)
    }
  }
  await Promise.all(Array.from({ length: callers }, call))
}
