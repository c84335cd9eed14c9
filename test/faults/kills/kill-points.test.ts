import { describe, expect, it } from 'vitest'
import { killPointFaults } from './kill-point-faults.ts'
import { narrowPoints } from './kill-points.ts'
import { runKillPoint } from './run-kill-point.ts'
import { storeNames } from './stores.ts'

describe.each(storeNames)('a request whose gateway is killed, with %s, ends once', store => {
  it.each(narrowPoints)('$name', { timeout: 60_000 }, async point => {
    expect(killPointFaults(point, await runKillPoint(point, store))).toEqual([])
  })
})
