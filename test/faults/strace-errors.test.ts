import { expect, it } from 'vitest'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startStoreLoad } from './store-load.ts'
import { startStoreScene } from './store-scene.ts'
import { expectPromisesKept, waitForRecovery, waitForRefusals } from './store-verdict.ts'
import { attachStrace } from './strace.ts'

it.each(['fdatasync,fsync', 'pwrite64', 'pread64,pwrite64,fdatasync,fsync'])(
  'refuses under load while the disk answers EIO to %s, and goes on when it is well',
  async calls => {
    await using folder = await createTempFolder()
    await using scene = await startStoreScene({ store: `sqlite:${folder.path}/test.db` })
    await using load = startStoreLoad(scene)
    await waitFor(() => load.accepted.size >= 50, { what: 'some requests to be accepted' })
    const broken = await attachStrace(
      scene.gateway.pid,
      ['-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${calls}:error=EIO`],
      `what a gateway does when ${calls} fail`
    )
    if (broken !== undefined) await waitForRefusals(load, 50)
    await broken?.[Symbol.asyncDispose]()
    expect(await waitForRecovery(load, performance.now())).toBeLessThan(10_000)
    await load.stop()
    await expectPromisesKept(scene, load)
  }
)
