import { describe, expect, it } from 'vitest'
import { breakUnderLoad } from './breaking-edit.ts'
import { runEditStorm } from './edit-storm.ts'
import { pauseUnderLoad } from './pause-storm.ts'

describe('under load', { timeout: 180_000 }, () => {
  it('edits, and pipelines that come and go, fail no call of another pipeline', async () => {
    const { storm, generations, stormMs } = await runEditStorm({
      edits: 150,
      pipelines: 15,
      connections: 8,
      quietMs: 500
    })
    expect(storm.failures).toEqual([])
    expect(storm.answered).toBeGreaterThan(20)
    // A burst has been quiet for 50 ms, or has lasted for 200.
    expect(generations).toBeLessThanOrEqual(Math.ceil(stormMs / 50) + 1)
  })

  it('a breaking edit leaves the generation before in place, and says why', async () => {
    for (const { what, failures, code, get } of await breakUnderLoad(4)) {
      expect(failures, what).toEqual([])
      expect(get, what).toContain(`(${code}): `)
    }
  })

  it('pauses on two replicas lose nothing and repeat nothing', async () => {
    const { accepted, ended, repeated, sync, drained } = await pauseUnderLoad({ accepted: 200, pauses: 3 })
    expect(ended).toEqual({ replied: accepted })
    // On a busy machine what is not slow may be cut too, which is told then.
    const cut = drained.filter(({ said }) => said.includes(false))
    if (cut.every(({ slow }) => slow)) expect(repeated).toBe(0)
    expect(sync.others).toEqual([])
    expect(sync.paused).toBeGreaterThan(0)
    for (const {
      slow,
      said: [one, other]
    } of drained) {
      expect(one).toBe(other)
      if (slow) expect(one).toBe(false)
    }
  })
})
