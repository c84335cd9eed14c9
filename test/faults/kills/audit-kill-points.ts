import type { Audit } from './accounting.ts'
import type { FaultOptions } from '../fault-part.ts'
import { killPointFaults } from './kill-point-faults.ts'
import { killPoints } from './kill-points.ts'
import { runKillPoint } from './run-kill-point.ts'
import { storeNames } from './stores.ts'

/** Every point at which a gateway can be killed by name, on every store. */
export async function auditKillPoints({ progress }: FaultOptions): Promise<Audit> {
  const broken: string[] = []
  let kills = 0
  for (const store of storeNames) {
    for (const point of killPoints) {
      progress(`${store}: killed ${point.name}`)
      const faults = killPointFaults(point, await runKillPoint(point, store))
      broken.push(...faults.map(fault => `${store}, killed ${point.name}: ${fault}`))
      kills++
    }
  }
  return { figures: { kills, 'of them with a fault': broken.length }, broken }
}
