import { request } from 'undici'
import type { GatewayContender } from '../contender.ts'

/** How many stored requests the gateway has brought to a reply, as its metrics say. */
export async function finishedRequests({ adminUrl }: GatewayContender): Promise<number> {
  const { body } = await request(`${adminUrl}/metrics`)
  return countReplied(await body.text())
}

/** The sum over all pipelines in the text of `/metrics`. */
export function countReplied(metrics: string): number {
  const lines = metrics.split('\n').filter(line => line.startsWith('sluice_requests_total{'))
  const replied = lines.filter(line => line.includes('mode="async"') && line.includes('outcome="replied"'))
  return replied.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
